"""Owns how one or many clients come to a program: who knocks when, and who speaks when."""

from __future__ import annotations

from grader.kernel import sock_diag
from grader.run.address import Address
from grader.run.connection import Connection
from grader.run.runner import AtOnce
from grader.trace.model import Observation


class Crowd(AtOnce):
    """Some clients, connected one after the other: the next one knocks when nobody waits at the
    door, for a backlog may be short. All are in before the first one speaks, unless that is more
    than the program lets in: then they need not wait for each other."""

    group = ""
    """The name under which the steps know these clients."""
    slow = False
    """Whether those who come now don't read yet."""

    def gather(self, names: list[str], address: Address) -> None:
        """New clients, which begin to connect."""
        self.address = address
        self.connections: list[Connection] = []
        self._outside = names
        self._together = len(names) > 1
        self._spoken = 0
        self._admit()

    def join(self, connections: list[Connection]) -> None:
        """Clients that are there already."""
        self.gather([], Address())
        self.connections = connections
        for connection in connections:
            connection.hear()

    def speak(self, connection: Connection) -> None:
        """Begin what this client has to say."""
        raise NotImplementedError

    def all_in(self) -> bool:
        """Move everyone along; True once all are connected and have begun to speak."""
        self._admit()
        inside = [connection for connection in self.connections if connection.connected]
        if self._together and len(inside) < len(self.connections) + len(self._outside):
            inside = []
        for connection in inside[self._spoken :]:
            self._spoken += 1
            self.speak(connection)
        return not self._outside and self._spoken == len(self.connections)

    def _admit(self) -> None:
        peers = self.supervisor.peers
        while self._outside and self._door_is_free():
            self.connections.append(
                peers.new(self._outside.pop(0), self.group, self.address, slow=self.slow)
            )

    def _door_is_free(self) -> bool:
        if not self.connections or self.address.port is None:
            return True
        last = self.connections[-1]
        return last.failure is None and sock_diag.not_accepted(self.address.port) == 0

    def nudge(self) -> bool:
        if self._outside and self._together and self.connections:
            self._together = False
            return True
        return False

    def hopeless(self) -> str | None:
        return next((one.failure for one in self.connections if one.failure), None)

    def door(self) -> str:
        """What is waited for while not all are connected."""
        shut = next((one.name for one in self.connections if not one.connected), None)
        name = self._outside[0] if self._outside else shut
        return f"{name} to be let in at {self.address}"

    def observed(self) -> list[Observation]:
        return self.supervisor.peers.observed(self.group)
