"""server PORT: a TCP echo server, one process that never blocks but in select."""

import selectors
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


class Client:
    """One connection, and what is still to be sent back."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.unsent = bytearray()
        self.ended = False

    @property
    def waits_for(self) -> int:
        events = 0 if self.ended or len(self.unsent) > 100_000 else selectors.EVENT_READ
        return events | (selectors.EVENT_WRITE if self.unsent else 0)

    def move(self, events: int) -> None:
        if events & selectors.EVENT_READ:
            data = self.connection.recv(262144)
            self.unsent += data
            self.ended = not data
        if events & selectors.EVENT_WRITE:
            self.connection.send(self.unsent)
            self.unsent.clear()


def main() -> int:
    port = port_of(sys.argv[1:], "server")
    awake, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)
    selector = selectors.DefaultSelector()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)  # more is taken in part
    try:
        listener.bind(("localhost", port))
    except OSError as error:
        print(f"server: bind: {error}", file=sys.stderr)
        return 1
    listener.listen()
    listener.setblocking(False)
    selector.register(awake, selectors.EVENT_READ)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, events in selector.select():
            if key.fileobj is awake:
                return 0
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ, Client(connection))
                continue
            client = key.data
            try:
                client.move(events)
            except ConnectionError:
                client.ended = True
                client.unsent.clear()
            if client.waits_for:
                selector.modify(client.connection, client.waits_for, client)
            else:
                selector.unregister(client.connection)
                client.connection.close()


if __name__ == "__main__":
    sys.exit(main())
