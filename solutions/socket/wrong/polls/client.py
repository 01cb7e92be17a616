"""client PORT: sends stdin to the server and prints what comes back, at the same time."""

import os
import socket
import sys
import threading


def send_all(server: socket.socket) -> None:
    try:
        while data := os.read(0, 65536):
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)
    except OSError as error:
        print(f"client: send: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: client PORT", file=sys.stderr)
        return 2
    if not 1 <= int(arguments[0]) <= 65535:
        print("usage: client PORT", file=sys.stderr)
        return 2
    try:
        server = socket.create_connection(("127.0.0.1", int(arguments[0])))
    except OSError as error:
        print(f"client: connect: {error.strerror}", file=sys.stderr)
        return 1
    threading.Thread(target=send_all, args=(server,), daemon=True).start()
    try:
        while data := server.recv(65536):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    except OSError as error:
        print(f"client: recv: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
