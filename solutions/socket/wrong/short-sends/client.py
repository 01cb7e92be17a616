"""client PORT: sends stdin and prints what comes back, whichever is possible."""

import os
import select
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


def talk(server: socket.socket) -> None:
    unsent = b""
    more = True
    while True:
        readers = [server, 0] if more and not unsent else [server]
        can_read, can_write, _ = select.select(readers, [server] if unsent else [], [])
        if 0 in can_read:
            unsent = os.read(0, 65536)
            if not unsent:
                more = False
                server.shutdown(socket.SHUT_WR)
        if can_write:
            unsent = unsent[server.send(unsent) :]
        if server in can_read:
            data = server.recv(65536)
            if not data:
                return
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def main() -> int:
    port = port_of(sys.argv[1:], "client")
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if number := server.connect_ex(("127.0.0.1", port)):
        print(f"client: connect: {os.strerror(number)}", file=sys.stderr)
        return 1
    server.setblocking(False)
    talk(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
