"""Owns the search for a sequence of patterns in a recording: which objects the names stand for,
and where each pattern is found so that the order may have been the one asked for.

Two different names are two different objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import TypeAlias

import msgspec

from grader.check.matching import Group, Occurrence, fitting, groups, is_name
from grader.check.result import Bindings
from grader.course.conditions import Pattern
from grader.trace.model import Event, Recording

MOST_ASSIGNMENTS = 2000
"""How many assignments of objects to names are tried. Real programs have a handful."""

_Lane: TypeAlias = tuple[str, int]
"""A process and its thread: what happens in one is in sequence."""

_Found: TypeAlias = Mapping[str | None, Mapping[_Lane, Sequence[Occurrence]]]
"""A pattern's occurrences by object (None where the object is no name), then by lane."""


class Match(msgspec.Struct, frozen=True):
    """Names bound to objects, and one occurrence for each pattern."""

    bindings: Bindings
    occurrences: tuple[Occurrence, ...]


def wanted_number(value: int | str | None) -> int | None:
    """A total or count whose placeholders are filled. ValueError: it is no number."""
    return None if value is None else int(value)


class Search(msgspec.Struct, frozen=True):
    """Patterns with everywhere that each is found by itself, which is the costly part."""

    recording: Recording
    patterns: Sequence[Pattern]
    found: Sequence[_Found]

    def matches(self, length: int | None = None) -> Iterator[Match]:
        """One match of the first `length` patterns (all by default) for each assignment of
        objects that has any, lazily, objects that appeared first come first."""
        patterns, found = self.patterns[:length], self.found[:length]
        names = list(dict.fromkeys(p.object for p in patterns if p.object and is_name(p.object)))
        viable = [_viable(name, patterns, found) for name in names]
        for objects in islice(product(*viable), MOST_ASSIGNMENTS):
            if len(set(objects)) < len(objects):
                continue
            bindings = dict(zip(names, objects, strict=True))
            lanes = [
                where.get(bindings.get(pattern.object or ""), {})
                for pattern, where in zip(patterns, found, strict=True)
            ]
            placed = _place(lanes, ())
            if placed is not None:
                yield Match(bindings, placed)


def search(recording: Recording, patterns: Sequence[Pattern]) -> Search:
    """Look for each pattern by itself. ValueError: a total or count is no number."""
    for pattern in patterns:
        wanted_number(pattern.total)
        wanted_number(pattern.count)
    found = [_by_object(pattern, occurrences(recording, pattern)) for pattern in patterns]
    return Search(recording, patterns, found)


def occurrences(
    recording: Recording, pattern: Pattern, object: str | None = None
) -> list[Occurrence]:
    """Everywhere that one pattern is found, in order of the first event; `object` replaces its
    name. A pattern with total, data or count is found once for all its events.
    ValueError: a total or count is no number."""
    if not asks_amount(pattern):
        kept = [_single(event) for event in fitting(recording, pattern, object)]
        if not recording.dropped_events:
            return kept
        known = {(one.process, one.object) for one in kept}
        return kept + [
            Occurrence(group.process, group.object)
            for group in groups(recording, pattern, object)
            if (group.process, group.object) not in known
        ]
    return amounting(pattern, groups(recording, pattern, object))


def asks_amount(pattern: Pattern) -> bool:
    """Whether the pattern is about all its events together, not about any one of them."""
    return not (pattern.total is None and pattern.data is None and pattern.count is None)


def amounting(pattern: Pattern, found: Sequence[Group]) -> list[Occurrence]:
    """The groups that are as large as the pattern asks for, each as one occurrence."""
    if pattern.total is None and pattern.data is None:
        return _counted(pattern, found)
    return [_whole(group.events, group) for group in found if moves(pattern, group)]


def moves(pattern: Pattern, group: Group) -> bool:
    """Whether one process's traffic on one object is what the pattern asks for."""
    total, count = wanted_number(pattern.total), wanted_number(pattern.count)
    if total is not None and group.size != total:
        return False
    if count is not None and group.count != count:
        return False
    if pattern.data is None:
        return True
    data = pattern.data.encode()
    return group.data(data) == data


def _counted(pattern: Pattern, found: Sequence[Group]) -> list[Occurrence]:
    """A bare count is of all processes that fit, on one object if the object has a name."""
    count = wanted_number(pattern.count)
    if not is_name(pattern.object):
        if sum(group.count for group in found) != count:
            return []
        events = sorted((event for group in found for event in group.events), key=_seq)
        return [_whole(tuple(events), found[0] if found else None)]
    by_object: dict[str | None, list[Group]] = {}
    for group in found:
        by_object.setdefault(group.object, []).append(group)
    return [
        _whole(tuple(sorted((e for g in same for e in g.events), key=_seq)), same[0])
        for same in by_object.values()
        if sum(group.count for group in same) == count
    ]


def _seq(event: Event) -> int:
    return event.seq


def _single(event: Event) -> Occurrence:
    return Occurrence(
        process=event.process,
        object=event.object,
        events=(event,),
        thread=event.thread,
        called_us=event.t_us - event.blocked_us,
        returned_us=event.t_us,
        seq=event.seq,
    )


def _whole(events: tuple[Event, ...], group: Group | None) -> Occurrence:
    if not events:
        # Known by totals only, or "none at all": it could stand anywhere.
        return Occurrence(group.process if group else "", group.object if group else None)
    first = events[0]
    return Occurrence(
        process=first.process,
        object=first.object,
        events=events,
        thread=first.thread,
        called_us=first.t_us - first.blocked_us,
        returned_us=first.t_us,
        seq=first.seq,
        whole=True,
    )


def _by_object(pattern: Pattern, found: Sequence[Occurrence]) -> _Found:
    by_object: dict[str | None, dict[_Lane, list[Occurrence]]] = {}
    for one in found:
        object = one.object if is_name(pattern.object) else None
        lanes = by_object.setdefault(object, {})
        lanes.setdefault((one.process, one.thread), []).append(one)
    return by_object


def _viable(name: str, patterns: Sequence[Pattern], found: Sequence[_Found]) -> list[str]:
    """The objects on which every pattern with this name is found somewhere."""
    wheres = [where for p, where in zip(patterns, found, strict=True) if p.object == name]
    return [
        object
        for object in wheres[0]
        if object is not None and all(object in where for where in wheres)
    ]


def _place(
    lanes: Sequence[Mapping[_Lane, Sequence[Occurrence]]], placed: tuple[Occurrence, ...]
) -> tuple[Occurrence, ...] | None:
    """One occurrence for each pattern, each of which may precede all later ones, or None.

    In one lane only the earliest possible occurrence is worth trying, and among lanes only as
    many of the earliest called ones as there are patterns left: each later pattern can need at
    most one lane for itself, and an earlier call leaves more room to all that follow.
    """
    index = len(placed)
    if index == len(lanes):
        return placed
    heads = [
        next((o for o in lane if all(p.may_precede(o) for p in placed)), None)
        for lane in lanes[index].values()
    ]
    possible = sorted((o for o in heads if o is not None), key=lambda o: o.called_us)
    for one in possible[: len(lanes) - index]:
        result = _place(lanes, (*placed, one))
        if result is not None:
            return result
    return None
