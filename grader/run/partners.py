"""Owns how the steps `queue`, `segment` and `semaphores` are played: the grader as partner
at an object, trying again after every turn until what it wants is possible."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.course.object_steps import Queue, Segment, Semaphores
from grader.course.step_base import StepBase
from grader.kernel import ipc, partner
from grader.run.runner import AtOnce, Runner
from grader.trace.model import Attribute, Observation
from grader.trace.text import escape

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor

_MOST_TOLD = 1 << 20
"""So many of the received bytes are kept as seen."""
_FILLING = 1024
"""Bytes of each message that fills a queue; then single bytes, until none has room."""


class _Partner(AtOnce):
    """Finds its object by key and tries. kind: "msg", "shm", "sem"; noun: for messages."""

    kind = ""
    noun = ""

    def begin(self) -> None:
        self.wrong: str | None = None
        self.key = int(getattr(self.step, self.noun))
        self.what = f"{self.noun} {self.key}"

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        if self.wrong is not None:
            return False
        try:
            return self._attempt()
        except OSError as error:
            self.wrong = f"the grader could not use the {self.what}: {error.strerror}"
            return False

    def _attempt(self) -> bool:
        if self.creates():
            try:
                made = self.create()
            except FileExistsError:
                self.wrong = f"the {self.what} is there already"
                return False
            self.supervisor.tier.adopt(self.kind, made)
            return True
        id = partner.find(self.kind, self.key)
        if id is None:
            self.waiting_for = f"the {self.what}, which does not exist"
            return False
        if self.step.remove:
            partner.remove(self.kind, id)
            return True
        try:
            return self.use(id)
        except OSError:
            if partner.find(self.kind, self.key) == id:
                raise
            return False  # it was removed under our hands

    def creates(self) -> bool:
        """Whether the step makes the object."""
        return self.step.create not in (None, False)

    def create(self) -> int:
        """Make it; its id. OSError."""
        raise NotImplementedError

    def use(self, id: int) -> bool:
        """Try what the step asks for. OSError."""
        raise NotImplementedError

    def mode(self) -> int:
        return int(self.step.mode, 8)

    def hopeless(self) -> str | None:
        return self.wrong


class _Queue(_Partner):
    kind, noun = "msg", "queue"

    def begin(self) -> None:
        super().begin()
        text = self.step.send if self.step.send is not None else self.step.receive
        lines = (text or "").removesuffix("\n").split("\n") if self.step.each_line else [text or ""]
        self.texts = [line.encode() for line in lines]
        self.type = int(self.step.type)
        self.received: list[bytes] = []

    def create(self) -> int:
        return partner.create(self.kind, self.key, self.mode())

    def use(self, id: int) -> bool:
        if self.step.fill:
            return self._fill(id)
        if self.step.drain:
            while (text := partner.receive(id, self.type)) is not None:
                self.received.append(text)
            return True
        if self.step.send is not None:
            return self._send(id)
        return self._receive(id)

    def _fill(self, id: int) -> bool:
        for size in (_FILLING, 1):
            while partner.send(id, self.type, b"." * size):
                pass
        return True

    def _send(self, id: int) -> bool:
        while self.texts:
            if not partner.send(id, self.type, self.texts[0]):
                self.waiting_for = f"room in the {self.what}"
                return False
            self.texts.pop(0)
        return True

    def _receive(self, id: int) -> bool:
        while self.texts:
            text = partner.receive(id, self.type)
            if text is None:
                self.waiting_for = f"a message of type {self.type} in the {self.what}"
                return False
            self.received.append(text)
            wanted = self.texts.pop(0)
            if text != wanted:
                self.wrong = (
                    f"the message of type {self.type} in the {self.what} was {_shown(text)}, "
                    f"and {_shown(wanted)} was expected"
                )
                return False
        return True

    def observed(self) -> list[Observation]:
        if self.step.as_ is None:
            return []
        data = b"".join(text + b"\n" for text in self.received) if self.step.each_line else None
        if data is None:
            data = b"".join(self.received)
        state: dict[str, Attribute] = {"messages": len(self.received), "bytes": len(data)}
        return [Observation(name=self.step.as_, data=escape(data[:_MOST_TOLD]), state=state)]


class _Segment(_Partner):
    kind, noun = "shm", "segment"

    def create(self) -> int:
        id = partner.create(self.kind, self.key, self.mode(), int(self.step.create))
        if self.step.write is not None:
            self.use(id)
        return id

    def use(self, id: int) -> bool:
        known = ipc.find(self.kind, id)
        if known is None:
            return False
        content = self.step.write if self.step.write is not None else self.step.expect
        data = _packed(content)
        if self.step.at + len(data) > known.size:
            self.wrong = f"the {self.what} has only {known.size} bytes"
            return False
        if self.step.write is not None:
            partner.write(id, self.step.at, data)
            return True
        self.waiting_for = f"the {self.what} to hold {_wanted(content)}"
        return partner.read(id, self.step.at, len(data)) == data


class _Semaphores(_Partner):
    kind, noun = "sem", "semaphores"

    def create(self) -> int:
        values = [int(value) for value in self.step.create]
        id = partner.create(self.kind, self.key, self.mode(), len(values))
        partner.set_values(id, values)
        return id

    def use(self, id: int) -> bool:
        known = ipc.find(self.kind, id)
        values = ipc.semaphore_values(id, known.size) if known is not None else None
        if self.step.expect is not None:
            self.waiting_for = f"the {self.what} to be {self.step.expect} (they are {values})"
            return values == [int(value) for value in self.step.expect]
        self.waiting_for = f"{self.step.op} on the {self.what} to be possible (they are {values})"
        return partner.operate(id, [(number, change) for number, change in self.step.op])


def _packed(content: str | list[int | str]) -> bytes:
    """Text, or numbers as little-endian signed 64-bit."""
    if isinstance(content, str):
        return content.encode()
    return b"".join(struct.pack("<q", int(number)) for number in content)


def _wanted(content: str | list[int | str]) -> str:
    return str(content) if isinstance(content, list) else _shown(content.encode())


def _shown(text: bytes) -> str:
    shown = text[:60].decode("utf-8", "backslashreplace")
    return f'"{shown}{"…" if len(text) > 60 else ""}"'


PARTNER_RUNNERS: dict[type[StepBase], Callable[[Supervisor, Any], Runner]] = {
    Queue: _Queue,
    Segment: _Segment,
    Semaphores: _Semaphores,
}
"""How the steps at shared objects are played."""
