"""client PORT: one thread prints what comes back, the main thread sends stdin."""

import shutil
import socket
import sys
import threading


def port_of(arguments: list[str], program: str) -> int:
    """The only argument, if it is a port; otherwise the program ends."""
    if len(arguments) == 1 and arguments[0].isascii() and arguments[0].isdigit():
        port = int(arguments[0])
        if 1 <= port <= 65535:
            return port
    print(f"usage: {program} PORT", file=sys.stderr)
    sys.exit(2)


def show(server: socket.socket) -> None:
    while data := server.recv(4096):
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def main() -> int:
    port = port_of(sys.argv[1:], "client")
    try:
        server = socket.socket()
        server.connect(("127.0.0.1", port))
        thread = threading.Thread(target=show, args=[server])
        thread.start()
        with open(0, "rb", buffering=0) as stdin, server.makefile("wb", buffering=0) as stream:
            shutil.copyfileobj(stdin, stream)
        server.shutdown(socket.SHUT_WR)
        thread.join()
    except OSError as error:
        print(f"client: connect, send or recv: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
