"""Owns how the steps `queue`, `segment`, `semaphores` and `read` are played: the grader as partner
at an object, trying again after every turn until what it wants is possible."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from grader.course.object_steps import Queue, Read, Segment, Semaphores
from grader.course.step_base import StepBase
from grader.kernel import ipc, partner
from grader.kernel.inside import read_file
from grader.kernel.lives import is_zombie
from grader.run.runner import AtOnce, Runner
from grader.trace.model import Attribute, Observation
from grader.trace.text import escape

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor

_MOST_READ = 1 << 20
_MOST_NUMBERS = 128
"""A larger segment is hardly one of numbers."""
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
        return [Observation(name=self.step.as_, data=escape(data[:_MOST_READ]), state=state)]


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


class _Read(AtOnce):
    """Looks once, or as soon as the lock is free."""

    def begin(self) -> None:
        self.seen: Observation | None = None

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        if self.seen is None:
            looks = {
                "file": self._file,
                "queue": self._queue,
                "segment": self._segment,
                "semaphores": self._semaphores,
                "processes": self._processes,
            }
            self.seen = looks[self.step.read]()
        return self.seen is not None

    def observed(self) -> list[Observation]:
        return [self.seen] if self.seen is not None else []

    def _made(self, state: dict[str, Attribute], data: bytes | None = None) -> Observation:
        text = escape(data) if data is not None else None
        return Observation(name=self.step.as_, data=text, state={"exists": True, **state})

    def _nothing(self) -> Observation:
        return Observation(name=self.step.as_, state={"exists": False})

    def _file(self) -> Observation | None:
        inside = self.supervisor.init_pid
        look = read_file(inside, self.step.path, _MOST_READ, locked=self.step.locked)
        if look == "locked":
            self.waiting_for = f"the lock of {self.step.path}"
            return None
        if look == "none":
            return self._nothing()
        return self._made({"size": look.size, "mode": _octal(look.mode)}, look.content)

    def _listed(self, kind: str) -> ipc.Listed | None:
        id = partner.find(kind, int(self.step.key))
        return ipc.find(kind, id) if id is not None else None

    def _queue(self) -> Observation:
        known = self._listed("msg")
        if known is None:
            return self._nothing()
        return self._made(
            {"messages": known.count, "bytes": known.size, "mode": _octal(known.mode)}
        )

    def _segment(self) -> Observation:
        known = self._listed("shm")
        if known is None:
            return self._nothing()
        content = partner.read(known.id, 0, min(known.size, _MOST_READ))
        state: dict[str, Attribute] = {
            "size": known.size,
            "mode": _octal(known.mode),
            "attached": known.count,
        }
        if known.size % 8 == 0 and known.size <= _MOST_NUMBERS * 8:
            state["numbers"] = list(struct.unpack(f"<{known.size // 8}q", content))
        return self._made(state, content)

    def _semaphores(self) -> Observation:
        known = self._listed("sem")
        if known is None:
            return self._nothing()
        values: Sequence[int] = ipc.semaphore_values(known.id, known.size) or []
        return self._made({"values": list(values), "mode": _octal(known.mode)})

    def _processes(self) -> Observation:
        """Orphans are left out: whoever reaps those is not the program."""
        actor = self.actor(self.step.of)
        observer = self.supervisor.observer
        family = [process for process in observer.processes if process.actor == actor.name]
        zombies = sum(is_zombie(observer, process) for process in family)
        return self._made({"alive": len(self.family(actor)), "zombies": zombies})


def _octal(mode: int) -> str:
    return f"{mode & 0o777:04o}"


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
    Read: _Read,
}
"""How the steps at shared objects are played."""
