"""Owns the telling of a trace while it happens: filtered by family, repeats folded, processes
indented by their depth in the family tree and, on a terminal, coloured."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import PurePath
from zlib import crc32

from grader.report import words
from grader.report.clean import clean_line
from grader.report.story import details
from grader.trace.model import Attribute, Event

_COLORS = (36, 33, 35, 32, 34, 96, 93, 95)
"""SGR foreground colours, one a process by its name, so that it is the same in every run."""

_OBJECT = 10
"""How many columns the name of an object is given at least."""


class Teller:
    """Writes one line for each event of the families asked for (all if none).

    The first of several like events is told at once, the others as one line when another kind of
    event comes, or at `finish`. places: whether a column is kept for source lines from the
    beginning; else from the first event on that has one. objects: how many columns the names of
    objects are to be given, where that is known to be more than most need.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        families: Collection[str] = (),
        *,
        color: bool = False,
        places: bool = False,
        objects: int = _OBJECT,
    ) -> None:
        self._write = write
        self._families = frozenset(families)
        self._color = color
        self._places = places
        self._objects = max(objects, _OBJECT)
        self._last: Event | None = None
        self._more = 0
        self._more_bytes = 0
        self._more_us = 0

    def tell(self, event: Event) -> None:
        """The next event of the trace."""
        if self._families and event.family not in self._families:
            return
        last = self._last
        if last is not None and _alike(last, event):
            self._more += 1
            self._more_bytes += event.bytes or 0
            self._more_us += event.blocked_us
            return
        self.finish()
        self._last = event
        self._line(event, list(details(event)))

    def finish(self) -> None:
        """Nothing more comes, or something else: tell of the repeats."""
        if self._last is not None and self._more:
            told = [f"× {self._more:,} more"]
            if self._more_bytes:
                told.append(words.size(self._more_bytes))
            if self._more_us >= words.BLOCKED_US:
                told.append(f"blocked {words.duration(self._more_us)}")
            self._line(self._last, told)
        self._last, self._more, self._more_bytes, self._more_us = None, 0, 0, 0

    def _line(self, event: Event, told: list[str]) -> None:
        indent = "  " * event.process.count(".")
        name = f"{indent}{event.process}"
        if event.thread:
            name += f"/{event.thread}"
        name = f"{name:<12}"
        if self._color:
            color = _COLORS[crc32(event.process.encode()) % len(_COLORS)]
            name = f"\x1b[{color}m{name}\x1b[0m"
        place = ""
        if event.source is not None:
            place = clean_line(f"{PurePath(event.source.file).name}:{event.source.line}")
            self._places = True
        where = f"{place:<14}  " if self._places else ""
        columns = (
            f"{name}  {where}{event.event:<15}  {clean_line(event.object or ''):<{self._objects}}"
        )
        self._write("  ".join([columns, *told]).rstrip() + "\n")


def _alike(one: Event, other: Event) -> bool:
    """Whether two events in a row differ in nothing but what they moved."""
    return (
        one.process == other.process
        and one.thread == other.thread
        and one.event == other.event
        and one.object == other.object
        and one.errno == other.errno
        and one.source == other.source
        and one.target == other.target
        and one.object is not None
        and one.bytes is not None
        and _constant(one) == _constant(other)
    )


def _constant(event: Event) -> dict[str, Attribute]:
    """What a call said, but for where in a file it was."""
    return {name: value for name, value in event.args.items() if name != "offset"}
