"""Owns how the steps `peer`, `peers` and `serve` are played: the grader at the other end of a
connection, which holds what comes against what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from grader.course.peer_steps import Peer, Peers, Serve
from grader.course.step_base import StepBase
from grader.run.address import parse_address
from grader.run.connection import Connection
from grader.run.crowd import Crowd
from grader.run.runner import AtOnce, Runner
from grader.trace.model import Observation

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor

_SHOWN = 60
"""Bytes of a text that a message quotes."""


class Standing(msgspec.Struct, frozen=True):
    """How one connection stands to what is expected of it. why: in words, unless it is met."""

    is_: Literal["met", "open", "wrong"]
    why: str = ""


def standing(connection: Connection, wanted: bytes | None, *, ends: bool) -> Standing:
    """Whether the bytes that came since the last expectation are the wanted ones (None: any), and
    our own have gone. ends: the program ends the connection then."""
    name = connection.name
    seen = bytes(connection.received[connection.expected :])
    if wanted is None:
        wanted = seen
    missing = len(wanted) - len(seen)
    if not wanted.startswith(seen[: len(wanted)]) or (ends and missing < 0):
        return Standing("wrong", f"{name} got {_shown(seen)}, and {_shown(wanted)} was expected")
    if missing > 0 and connection.ended is not None:
        how = "the connection was broken off" if connection.ended == "reset" else "end of file"
        return Standing(
            "wrong", f"{name} got {len(seen)} of the {len(wanted)} bytes expected, then {how}"
        )
    if missing > 0:
        return Standing("open", f"the reply to {name}: {len(seen)} of {len(wanted)} bytes came")
    if ends and connection.ended == "reset":
        return Standing("wrong", f"the connection of {name} was broken off instead of closed")
    if connection.in_line:
        return Standing("open", f"the program to read {connection.in_line} more bytes of {name}")
    if ends and connection.ended is None:
        return Standing("open", f"the program to close its connection with {name}")
    return Standing("met")


def _shown(data: bytes) -> str:
    """Some bytes as text in quotation marks, cut."""
    text = data[:_SHOWN].decode("utf-8", "backslashreplace")
    return f'"{text}{"…" if len(data) > _SHOWN else ""}"'


class _Talk(Crowd):
    """One or many clients, new or known."""

    def begin(self) -> None:
        self.wrong: str | None = None
        several = isinstance(self.step, Peers)
        self.group = self.step.as_ if several else self.step.peer
        self.slow = self.step.slow
        names = [self.group]
        if several:
            names = [f"{self.group}.{n}" for n in range(1, int(self.step.peers) + 1)]
        self.settled: set[str] = set()
        if self.step.connect is not None:
            self.gather(names, parse_address(self.step.connect))
        else:
            self.join(self.supervisor.peers.of(self.group))

    def speak(self, connection: Connection) -> None:
        text = self._bytes(self.step.send or "")
        connection.say(text, chunk=self.step.chunk, half_close=self.step.half_close)

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        if not self.all_in():
            self.waiting_for = self.door()
            return False
        step = self.step
        if step.expect is None and not step.closed and step.then is None:
            return True
        if not self.connections and step.then is None:  # a server of ours, and nobody has come
            self.waiting_for = f"a client of {self.group}"
            return False
        for connection in reversed(self.connections):  # what the first one waits for is told
            if connection.name not in self.settled:
                self._settle(connection)
        if len(self.settled) < len(self.connections) or self.hopeless() is not None:
            return False
        if step.then is not None:
            self.supervisor.peers.stop_serving(self.group)
        return True

    def _settle(self, connection: Connection) -> None:
        step = self.step
        wanted = None if step.expect is None else self._bytes(step.expect)
        ends = step.closed
        if ends is None:
            ends = step.expect is not None and connection.half_closes
        found = standing(connection, wanted, ends=ends)
        if found.is_ == "wrong" and (connection.open or step.expect is not None):
            self.wrong = found.why
        elif found.is_ == "open" and connection.open:
            self.waiting_for = found.why
        else:
            came = len(connection.received)
            connection.expected = came if wanted is None else connection.expected + len(wanted)
            if step.then is not None:
                connection.close(reset=step.then == "reset")
            self.settled.add(connection.name)

    def _bytes(self, text: str) -> bytes:
        if not self.step.hex:
            return text.encode()
        try:
            return bytes.fromhex(text)
        except ValueError:
            self.wrong = (
                f"what {self.group} is to say is not in hexadecimal: {_shown(text.encode())}"
            )
            return b""

    def hopeless(self) -> str | None:
        return self.wrong or super().hopeless()


class _Serve(AtOnce):
    def begin(self) -> None:
        self.taken: str | None = None
        address = parse_address(self.step.serve)
        greeting = (self.step.send or "").encode()
        try:
            self.supervisor.peers.serve(self.step.as_, address, self.step.reply, greeting)
        except OSError as error:
            self.taken = f"{self.step.as_} can't listen on {address}: {error.strerror}"

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        return self.taken is None

    def hopeless(self) -> str | None:
        return self.taken

    def observed(self) -> list[Observation]:
        return self.supervisor.peers.observed(self.step.as_)


TALK_RUNNERS: dict[type[StepBase], Callable[[Supervisor, Any], Runner]] = {
    Peer: _Talk,
    Peers: _Talk,
    Serve: _Serve,
}
"""How the steps with connections are played."""
