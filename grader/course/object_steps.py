"""Owns the steps in which the grader shares an object with the programs: queue, segment,
semaphores, and looks at what there is.

Each waits until its object is there and the operation is possible, without ever blocking.
"""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from typing import Literal

import msgspec

from grader.course.step_base import StepBase, only_one


class Queue(StepBase, frozen=True, kw_only=True, tag_field="step", tag="queue"):
    """A partner at the System V message queue of this key. One of send, receive, fill, drain,
    create, remove; what was received is put down under `as`.
    """

    queue: int | str
    as_: str | None = msgspec.field(default=None, name="as")
    type: int | str = 1
    """Type of the message that is sent, received (exactly this one), filled or drained."""
    send: str | None = None
    """Send one message, once there is room."""
    receive: str | None = None
    """Wait for a message of this type; it must be exactly this text."""
    each_line: bool = False
    """With send or receive: every line of the text is a message of its own."""
    fill: bool = False
    """Send messages of this type until there is no room for another."""
    drain: bool = False
    """Take out all messages of this type that are there now."""
    create: bool = False
    """Make the queue; it must not be there yet."""
    mode: str = "0600"
    remove: bool = False

    @property
    def records(self) -> list[str]:
        return [self.as_] if self.as_ is not None else []

    @property
    def fault(self) -> str | None:
        return only_one(self, ("send", "receive", "fill", "drain", "create", "remove"))


class Segment(StepBase, frozen=True, kw_only=True, tag_field="step", tag="segment"):
    """A partner at the System V shared memory of this key: create (so many bytes), write, expect
    or remove. create and write may stand together.
    """

    segment: int | str
    create: int | str | None = None
    mode: str = "0600"
    write: str | list[int | str] | None = None
    """Text (`"{text}\\0"` ends it with a NUL), or numbers: little-endian signed 64-bit."""
    at: int = 0
    """Write or expect it at this offset, in bytes."""
    expect: str | list[int | str] | None = None
    """Wait until the segment holds this text, or these numbers."""
    remove: bool = False

    @property
    def fault(self) -> str | None:
        if self.create is not None and self.write is not None:
            return only_one(self, ("create", "expect", "remove"))
        return only_one(self, ("create", "write", "expect", "remove"))


class Semaphores(StepBase, frozen=True, kw_only=True, tag_field="step", tag="semaphores"):
    """A partner at the System V semaphore set of this key: create (with these values), op, expect
    or remove."""

    semaphores: int | str
    create: list[int | str] | None = None
    mode: str = "0600"
    op: list[list[int]] | None = None
    """Pairs of semaphore and change, done together once all are possible: `[[1, -1]]`."""
    expect: list[int | str] | None = None
    """Wait until the set has exactly these values."""
    remove: bool = False

    @property
    def fault(self) -> str | None:
        if any(len(pair) != 2 for pair in self.op or []):
            return "`op` is a list of pairs, semaphore and change: `[[0, -1], [1, 1]]`"
        return only_one(self, ("create", "op", "expect", "remove"))


class Read(StepBase, frozen=True, kw_only=True, tag_field="step", tag="read"):
    """Look at something now and put it down under `as`. What is not there has the state
    `exists: false`.

    file: content as data; size and mode. queue: messages, bytes, mode. segment: content as data;
    size, mode, attached, numbers (signed 64-bit, in segments of up to 1,024 bytes). semaphores:
    values, mode. processes: of an actor, itself and its descendants: how many are alive, and how
    many are zombies, which have ended while one that is alive should reap them.
    """

    read: Literal["file", "queue", "segment", "semaphores", "processes"]
    as_: str = msgspec.field(name="as")
    path: str | None = None
    """Of a file, from the work folder."""
    key: int | str | None = None
    of: str | None = None
    """The actor whose processes are meant."""
    locked: bool = False
    """Take the file's lock (flock and fcntl, shared) for the look, once it is free."""

    @property
    def records(self) -> list[str]:
        return [self.as_]

    @property
    def fault(self) -> str | None:
        needed = {"file": "path", "processes": "of"}.get(self.read, "key")
        others = {"path", "key", "of"} - {needed}
        wrong = sorted(other for other in others if getattr(self, other) is not None)
        if getattr(self, needed) is None or wrong:
            no = f", and no `{wrong[0]}`" if wrong else ""
            return f"reading a {self.read} needs `{needed}`{no}"
        return None

    @property
    def mentions(self) -> list[str]:
        return [self.of] if self.of is not None else []
