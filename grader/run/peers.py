"""Owns the grader's connections of one scenario: clients and servers by name, moved along when they
are ready."""

from __future__ import annotations

import socket

from grader.kernel.waiting import Waiter
from grader.run.address import Address, listen
from grader.run.connection import Connection
from grader.trace.model import Attribute, Observation
from grader.trace.text import escape

_MOST_KEPT = 1 << 20
"""So many bytes of what all connections of one name received are kept for the checks."""


class Peers:
    """Non-blocking, beside the actors' streams: `ready` when the waiter says so, `quiet_move`
    when nothing else does. inside: the PID whose root the programs see."""

    def __init__(self, waiter: Waiter) -> None:
        self.inside = 0
        self._waiter = waiter
        self._named: dict[str, list[Connection]] = {}
        self._by_descriptor: dict[int, Connection] = {}
        self._servers: dict[int, _Server] = {}

    def of(self, name: str) -> list[Connection]:
        """The connections of this peer so far; of a server those that programs have made."""
        return self._named.setdefault(name, [])

    def new(self, name: str, group: str, address: Address, *, slow: bool = False) -> Connection:
        """A client that begins to connect. group: the name under which the steps know it."""
        client = Connection(name, self._waiter, slow=slow)
        self._by_descriptor[client.connect(address, self.inside)] = client
        self.of(group).append(client)
        return client

    def serve(self, name: str, address: Address, reply: str, greeting: bytes) -> None:
        """Listen from now on. OSError: the address is taken."""
        listener = listen(address, self.inside)
        self._servers[listener.fileno()] = _Server(name, listener, reply, greeting)
        self._waiter.watch(listener.fileno())
        self.of(name)

    def stop_serving(self, name: str) -> None:
        """Accept no more clients under this name."""
        for descriptor, server in list(self._servers.items()):
            if server.name == name:
                self._waiter.forget(descriptor)
                server.listener.close()
                del self._servers[descriptor]

    def ready(self, descriptor: int) -> bool:
        """The waiter found this descriptor ready. False if it is none of ours."""
        if descriptor in self._servers:
            self._accept(self._servers[descriptor])
        elif descriptor in self._by_descriptor:
            self._by_descriptor[descriptor].ready()
        else:
            return False
        return True

    def quiet_move(self) -> bool:
        """What waits until the programs have read: True if anything could go on."""
        moved = [connection.quiet_move(self.inside) for connection in self._all()]
        return any(moved)

    def observed(self, name: str) -> list[Observation]:
        """What the connections of this name have seen so far."""
        connections = self.of(name)
        room = _MOST_KEPT // max(1, len(connections))
        return [
            Observation(
                name=connection.name,
                data=escape(bytes(connection.received[:room])),
                state=_state(connection, room),
            )
            for connection in connections
        ]

    def _all(self) -> list[Connection]:
        return [connection for group in self._named.values() for connection in group]

    def _accept(self, server: _Server) -> None:
        while True:
            try:
                connection, _address = server.listener.accept()
            except OSError:  # none is left, or it has gone already
                return
            known = self.of(server.name)
            client = Connection(f"{server.name}.{len(known) + 1}", self._waiter, reply=server.reply)
            known.append(client)
            self._by_descriptor[client.accepted(connection)] = client
            client.say(server.greeting)
            if server.reply == "close":
                client.close_when_sent = True
                client.say(b"")


class _Server:
    """A listening socket of ours, and how its clients are served."""

    def __init__(self, name: str, listener: socket.socket, reply: str, greeting: bytes) -> None:
        self.name = name
        self.listener = listener
        self.reply = reply
        self.greeting = greeting


def _state(connection: Connection, room: int) -> dict[str, Attribute]:
    state: dict[str, Attribute] = {
        "connected": connection.connected,
        "size": len(connection.received),
        "end": connection.ended or "open",
    }
    if len(connection.received) > room:
        state["cut"] = len(connection.received) - room
    return state
