"""Owns how the step `read` is played: what the grader sees when it looks at a file, at an object of
System V IPC or at the processes of an actor."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from grader.kernel import ipc, partner
from grader.kernel.inside import read_file
from grader.kernel.lives import is_zombie
from grader.run.runner import AtOnce
from grader.trace.model import Attribute, Observation
from grader.trace.text import escape

_MOST_READ = 1 << 20
_MOST_NUMBERS = 128
"""A larger segment is hardly one of numbers."""


class Reading(AtOnce):
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
