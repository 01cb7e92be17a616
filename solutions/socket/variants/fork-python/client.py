"""client PORT: a child sends stdin, its parent prints what comes back."""

import os
import signal
import socket
import sys


def port_of(arguments: list[str], program: str) -> int:
    """The only argument, if it is a port; otherwise the program ends."""
    if len(arguments) == 1 and arguments[0].isascii() and arguments[0].isdigit():
        port = int(arguments[0])
        if 1 <= port <= 65535:
            return port
    print(f"usage: {program} PORT", file=sys.stderr)
    sys.exit(2)


def main() -> int:
    port = port_of(sys.argv[1:], "client")
    try:
        server = socket.create_connection(("localhost", port))
    except OSError as error:
        print(f"client: connect: {error}", file=sys.stderr)
        return 1
    child = os.fork()
    if child == 0:
        while line := os.read(0, 512):
            server.sendall(line)
        server.shutdown(socket.SHUT_WR)
        os._exit(0)
    while data := server.recv(512):
        os.write(1, data)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
