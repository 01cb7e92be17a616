"""Owns when an event fits a pattern, and when one thing may have come before another.

Events are numbered at their call's return, so between processes the numbers say little: a reader
that sleeps in read() is called before the writer writes, and either call may return first. All that
is certain is that a call which returned before another one began came before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import inf

import msgspec

from grader.check.actors import is_by, resolve
from grader.course.conditions import Pattern
from grader.trace.model import Attribute, Event, Recording

OWN_FIELDS = ("target", "call", "fd", "result")
"""Names under `args` that mean the event's field of that name where its args have no such key."""


class Occurrence(msgspec.Struct, frozen=True):
    """Where a pattern was found, in µs of the run. events: what it is made of, first one first.

    seq None: it is known by exact totals only, its events were not kept, so it may have been at
    any time. whole: it stands for all its events, at the place of the first.
    """

    process: str
    object: str | None
    events: tuple[Event, ...] = ()
    thread: int = 0
    called_us: float = -inf
    returned_us: float = inf
    seq: int | None = None
    whole: bool = False

    def may_precede(self, later: Occurrence) -> bool:
        """False only where it is certain that `later` was over before this began."""
        if self.seq is None or later.seq is None:
            return True
        if (self.process, self.thread) == (later.process, later.thread):
            shared = self.whole or later.whole
            return self.seq < later.seq or (shared and self.seq == later.seq)
        return later.returned_us >= self.called_us


class Group(msgspec.Struct, frozen=True):
    """All matching events of one process on one object, with their exact traffic.

    size: bytes in all. gap: the sequence number behind which events were dropped.
    """

    process: str
    object: str | None
    events: tuple[Event, ...]
    count: int
    size: int
    gap: float = inf

    def data(self, expected: bytes) -> bytes:
        """What was moved in all. What was not kept of it is taken to be as expected."""
        data = bytearray()
        for event in self.events:
            if event.seq > self.gap:
                break
            data += event.raw
            _extend(data, _size(event) - len(event.raw), expected)
        _extend(data, self.size - len(data), expected)
        return bytes(data)


def _extend(data: bytearray, missing: int, expected: bytes) -> None:
    if missing > 0:
        data += expected[len(data) : len(data) + missing].ljust(missing, b"?")


def _size(event: Event) -> int:
    return len(event.raw) if event.bytes is None else event.bytes


def is_name(object: str | None) -> bool:
    """Whether a pattern's object is a name to bind ("$p")."""
    return object is not None and object.startswith("$")


def fits_event(wanted: str, event: str) -> bool:
    """`family.action`, or `family.*` for any action."""
    if wanted.endswith(".*"):
        return event.startswith(wanted[:-1])
    return event == wanted


def processes(recording: Recording) -> set[str]:
    """Everyone who did anything."""
    return {event.process for event in recording.events}


def fits_errno(pattern: Pattern, event: Event) -> bool:
    """A failed call is another thing than one that did its work."""
    return event.errno == pattern.errno


def fits_args(pattern: Pattern, event: Event, recording: Recording) -> bool:
    """Every wanted argument is there; in a list ("flags") it is one of the items."""
    return all(_fits_arg(event, name, value, recording) for name, value in pattern.args.items())


def argument(event: Event, name: str) -> Attribute:
    """What the event says of this: its argument, or its own field of that name."""
    if name not in event.args and name in OWN_FIELDS:
        own: Attribute = getattr(event, name)
        return own
    return event.args.get(name)


def _fits_arg(event: Event, name: str, wanted: int | str | bool, recording: Recording) -> bool:
    seen = argument(event, name)
    if name == "target" and isinstance(seen, str):
        return is_by(resolve(recording, str(wanted)), seen)
    return any(_same(item, wanted) for item in (seen if isinstance(seen, list) else [seen]))


def _same(seen: int | str | bool | None, wanted: int | str | bool) -> bool:
    """Numbers that came out of placeholders are text, so values compare by how they read."""
    if seen is None:
        return False
    if isinstance(seen, bool) or isinstance(wanted, bool):
        return str(seen).lower() == str(wanted).lower()
    return str(seen) == str(wanted)


def fitting(recording: Recording, pattern: Pattern, object: str | None = None) -> Iterator[Event]:
    """The student's events that fit a pattern, totals aside; `object` replaces a name."""
    by = resolve(recording, pattern.by)
    doers = {process for process in processes(recording) if is_by(by, process)}
    wanted = pattern.object if object is None else object
    for event in recording.events:
        if (
            not event.runtime
            and fits_event(pattern.event, event.event)
            and event.process in doers
            and (wanted is None or event.object == wanted or (is_name(wanted) and event.object))
            and fits_errno(pattern, event)
            and fits_args(pattern, event, recording)
        ):
            yield event


def groups(recording: Recording, pattern: Pattern, object: str | None = None) -> list[Group]:
    """The fitting events by process and object, in order of their first event.

    Where events were dropped and the pattern asks for nothing that totals don't know, count and
    bytes come from the recording's exact totals.
    """
    found: dict[tuple[str, str | None], list[Event]] = {}
    for event in fitting(recording, pattern, object):
        found.setdefault((event.process, event.object), []).append(event)
    exact = _exact(recording, pattern, object)
    # Totals count failed calls and the interpreter's own too: those that were kept are known.
    unfit = Counter(
        (event.process, event.object)
        for event in recording.events
        if (event.runtime or event.errno) and fits_event(pattern.event, event.event)
    )
    gap = _gap(recording)
    made = []
    for process, id in [*found, *(key for key in exact if key not in found)]:
        events = found.get((process, id), [])
        count = len(events)
        size = sum(_size(event) for event in events)
        if (process, id) in exact:
            # Each is a lower bound where the other one left something out.
            count = max(count, exact[process, id][0] - unfit[process, id])
            size = max(size, exact[process, id][1])
        made.append(Group(process, id, tuple(events), count, size, gap))
    return made


def _exact(
    recording: Recording, pattern: Pattern, object: str | None
) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Exact (count, bytes) by process and object of what a pattern asks for, if dropped events
    make them needed and totals can tell: they know neither arguments nor failures."""
    if not recording.dropped_events or pattern.args or pattern.errno:
        return {}
    by = resolve(recording, pattern.by)
    wanted = pattern.object if object is None else object
    found: dict[tuple[str, str | None], tuple[int, int]] = {}
    for total in recording.totals:
        if (
            fits_event(pattern.event, total.event)
            and is_by(by, total.process)
            and (wanted is None or is_name(wanted) or total.object == wanted)
        ):
            count, size = found.get((total.process, total.object), (0, 0))
            found[total.process, total.object] = (count + total.count, size + total.bytes)
    return found


def _gap(recording: Recording) -> float:
    """The sequence number behind which events were dropped: the greatest jump."""
    if not recording.dropped_events or not recording.events:
        return inf
    numbers = [event.seq for event in recording.events]
    jumps = [(after - before, before) for before, after in pairwise(numbers)]
    jump, before = max(jumps, default=(0, numbers[-1]), key=lambda item: item[0])
    return before if jump > 1 else numbers[-1]
