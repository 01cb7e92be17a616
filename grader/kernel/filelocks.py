"""Owns what a lock on a file is, as a call asks for it and as the kernel lists it.

Who holds a lock is read from /proc/PID/fdinfo: the kernel lists a lock with each descriptor that
it belongs to, in any process.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from grader.kernel import proc
from grader.kernel.objects import Object
from grader.trace.model import Attribute


class Listed(msgspec.Struct, frozen=True):
    """One lock as the kernel lists it: locks(5). end None: to the end of the file."""

    kind: str
    exclusive: bool
    start: int
    end: int | None


class Request(msgspec.Struct, frozen=True):
    """One lock as a call asks for it. type: shared, exclusive or unlock; length 0: to the end of
    the file, however long it gets."""

    kind: str
    type: str
    wait: bool
    start: int = 0
    length: int = 0

    def args(self) -> dict[str, Attribute]:
        found: dict[str, Attribute] = {"kind": self.kind, "type": self.type, "wait": self.wait}
        if self.kind != "flock":
            found["range"] = [self.start, self.length]
        return found

    @property
    def whole(self) -> bool:
        return self.start == 0 and self.length == 0

    @property
    def _end(self) -> int | None:
        """The last byte, None for the end of the file."""
        return self.start + self.length - 1 if self.length else None

    def overlaps(self, other: Listed) -> bool:
        """Whether the two have a byte in common."""
        return (other.end is None or self.start <= other.end) and (
            self._end is None or other.start <= self._end
        )

    def covers(self, other: Listed) -> bool:
        """Whether it has every byte of the other."""
        return self.start <= other.start and (
            self._end is None or (other.end is not None and other.end <= self._end)
        )


class Held(dict[tuple[Object, str], Request]):
    """The locks that a process took or got with descriptors of its parent, by file and kind. One
    Request for one acquisition: those who share an open file description have the same one."""

    def copy(self) -> Held:
        """What a fork's child has: record locks belong to the process that took them."""
        return Held({key: lock for key, lock in self.items() if key[1] != "posix"})


def listed(pid: int, fd: int) -> Iterator[Listed]:
    """The locks that belong to this descriptor: "1: POSIX  ADVISORY  WRITE 123 00:2e:9 0 EOF"."""
    for line in proc.locks(pid, fd):
        _number, kind, _advisory, type, _pid, _file, start, end = line.split()[:8]
        kinds = {"FLOCK": "flock", "POSIX": "posix", "OFDLCK": "ofd"}
        if kind in kinds:
            last = None if end == "EOF" else int(end)
            yield Listed(kinds[kind], type == "WRITE", int(start), last)
