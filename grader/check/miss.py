"""Owns the words for patterns that were not found: which one, how near the program came."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from math import inf
from typing import TypeAlias

import msgspec

from grader.check.actors import is_by, resolve
from grader.check.difference import Seen, abridged, difference
from grader.check.evidence import closest, of_events
from grader.check.matching import (
    Group,
    argument,
    fits_args,
    fits_errno,
    fits_event,
    groups,
    is_name,
)
from grader.check.phrases import doing
from grader.check.result import Bindings
from grader.check.search import Match, Search, amounting, asks_amount, wanted_number
from grader.check.words import counted, listed, number, times, who
from grader.course.conditions import Pattern
from grader.outcome import Evidence
from grader.trace.model import Event, Recording

_EVERYWHERE = ("process", "signal", "time")
"""Families that every program has events of, whatever it uses to communicate."""

_TRIED = 16
"""How many bindings of the patterns that were found are looked at for the nearest miss."""


class Miss(msgspec.Struct, frozen=True):
    """Why a pattern was not found, in a sentence and as a short fact."""

    message: str
    seen: str
    evidence: tuple[Evidence, ...] = ()


class _Aim(msgspec.Struct, frozen=True):
    """The pattern that was missed, its names bound as far as the patterns before it did.

    object None: any will do.
    """

    recording: Recording
    pattern: Pattern
    by: str
    object: str | None
    before: str
    wanted: str


def describe(
    pattern: Pattern,
    bindings: Bindings | None = None,
    *,
    amounts: bool = True,
    known: Collection[str | None] = (),
) -> str:
    """A pattern in words: "main.1 reads from pipe1 (20 bytes in all)". amounts: with the part in
    brackets that is about how much was moved, or how often. known: names that came up before."""
    object = (bindings or {}).get(pattern.object or "", pattern.object)
    facts = [f"{name} {value}" for name, value in pattern.args.items()]
    if pattern.errno is not None:
        facts.append(f"failing with {pattern.errno}")
    count, total = wanted_number(pattern.count), wanted_number(pattern.total)
    if amounts and count is not None:
        facts.append(f"exactly {times(count)}")
    if amounts and pattern.data is not None:
        facts.append(f"{abridged(pattern.data.encode())} in all")
    elif amounts and total is not None:
        facts.append(f"{counted(total, 'byte')} in all")
    said = f"{who(pattern.by)} {doing(pattern.event, object, known=object in known)}"
    return said + (f" ({', '.join(facts)})" if facts else "")


def named(patterns: Sequence[Pattern]) -> set[str]:
    """The names of objects that come up in these patterns."""
    return {pattern.object for pattern in patterns if pattern.object and is_name(pattern.object)}


def explain_miss(search: Search) -> Miss:
    """The first pattern that is missing after the longest beginning that was found, under the
    bindings that come nearest. Call it only when the patterns have no match."""
    recording, patterns = search.recording, search.patterns
    length, found = _longest(search)
    aims = [_aim(recording, patterns, length, match) for match in found]
    best, aim = _nearest(aims, patterns)
    dropped = recording.dropped_events
    gap = f" ({counted(dropped, 'event')} were counted but not kept.)" if dropped else ""
    near = closest(recording, aim.pattern, aim.object)
    return Miss(best.message + gap, best.seen, of_events(near))


def _longest(search: Search) -> tuple[int, list[Match]]:
    for length in range(len(search.patterns) - 1, 0, -1):
        found = list(islice(search.matches(length), _TRIED))
        if found:
            return length, found
    return 0, [Match({}, ())]


def _aim(recording: Recording, patterns: Sequence[Pattern], index: int, match: Match) -> _Aim:
    pattern = patterns[index]
    object = match.bindings.get(pattern.object or "", pattern.object)
    return _Aim(
        recording=recording,
        pattern=pattern,
        by=resolve(recording, pattern.by),
        object=None if is_name(object) else object,
        before=describe(patterns[index - 1], match.bindings, amounts=False) if index else "",
        wanted=describe(pattern, match.bindings, amounts=False, known=named(patterns[:index])),
    )


def _nearest(aims: Sequence[_Aim], patterns: Sequence[Pattern]) -> tuple[Miss, _Aim]:
    """Narrow the events down, one property of the pattern after the other: the first one that
    leaves none is what went wrong. Only the object differs between the aims."""
    aim = aims[0]
    events = [event for event in aim.recording.events if not event.runtime]
    for fits, why in _STAGES:
        left = [event for event in events if fits(aim, event)]
        if not left:
            return _unseen(aim, *why(aim, events)), aim
        events = left
    objects = {event.object for event in events}
    there = [aim for aim in aims if aim.object is None or aim.object in objects]
    if not there:
        return _unseen(aim, *_other_object(aim, events)), aim
    if not asks_amount(aim.pattern):
        return _order(there[0], patterns), there[0]
    found = groups(aim.recording, aim.pattern)
    by_aim = [
        (aim, [group for group in found if aim.object in (None, group.object)]) for aim in there
    ]
    for aim, own in by_aim:
        if amounting(aim.pattern, own):
            return _order(aim, patterns), aim
    aim, own = max(
        by_aim,
        key=lambda pair: max((_nearness(pair[0].pattern, g) for g in pair[1]), default=-inf),
    )
    return _amount(aim, own), aim


def _unseen(aim: _Aim, reason: str, seen: str) -> Miss:
    after = f" (after this: {aim.before})" if aim.before else ""
    return Miss(f"Not seen: {aim.wanted}{after}. {reason}.", seen)


def _order(aim: _Aim, patterns: Sequence[Pattern]) -> Miss:
    """It was there, so it is its place, or it is not where the others were."""
    if aim.before and (aim.object is not None or aim.pattern.object is None):
        message = f"In the wrong order: {aim.wanted}; it came only before this: {aim.before}."
        return Miss(message, "the other order")
    same = [pattern.event for pattern in patterns if pattern.object == aim.pattern.object]
    message = f"{listed(list(dict.fromkeys(same)))} were each seen, but not all on one object."
    return Miss(message, "different objects")


def _is_event(aim: _Aim, event: Event) -> bool:
    return fits_event(aim.pattern.event, event.event)


def _never(aim: _Aim, events: Sequence[Event]) -> tuple[str, str]:
    family = aim.pattern.event.partition(".")[0]
    related = sorted({event.event for event in events if event.family == family})
    if related:
        return f"Of {family}.* there was only {listed(related)}", listed(related)
    others = sorted({event.event for event in events if event.family not in _EVERYWHERE})
    instead = f"; instead there was {listed(others)}" if others else ""
    return f"No process did that{instead}", f"no {aim.pattern.event}"


def _is_doer(aim: _Aim, event: Event) -> bool:
    return is_by(aim.by, event.process)


def _other_doer(aim: _Aim, events: Sequence[Event]) -> tuple[str, str]:
    doers = listed(list(dict.fromkeys(event.process for event in events)))
    return f"{doers} did that instead", f"{aim.pattern.event} by {doers}"


def _has_errno(aim: _Aim, event: Event) -> bool:
    return fits_errno(aim.pattern, event)


def _other_errno(aim: _Aim, events: Sequence[Event]) -> tuple[str, str]:
    names = listed(sorted({event.errno for event in events if event.errno is not None}))
    if aim.pattern.errno is None:
        return f"It only failed, with {names}", f"failed with {names}"
    return (f"It failed with {names}", names) if names else ("It did not fail", "success")


def _has_args(aim: _Aim, event: Event) -> bool:
    return fits_args(aim.pattern, event, aim.recording)


def _other_args(aim: _Aim, events: Sequence[Event]) -> tuple[str, str]:
    facts = []
    for name in aim.pattern.args:
        values = {str(argument(event, name)) for event in events}
        facts.append(f"{name} {listed(sorted(values), 'or')}")
    return f"It was done with {listed(facts)}", listed(facts)


def _is_given_object(aim: _Aim, event: Event) -> bool:
    """Of a pattern that names an object itself, like stdout; a `$name` is looked at last."""
    given = aim.pattern.object
    return given is None or is_name(given) or event.object == given


def _other_object(aim: _Aim, events: Sequence[Event]) -> tuple[str, str]:
    objects = listed(list(dict.fromkeys(event.object or "no object" for event in events)))
    doers = listed(list(dict.fromkeys(event.process for event in events)))
    seen = f"{aim.pattern.event} on {objects}"
    return f"{doers} did that with {objects} instead", seen


_Fits: TypeAlias = Callable[[_Aim, Event], bool]
_Why: TypeAlias = Callable[[_Aim, Sequence[Event]], tuple[str, str]]
_STAGES: tuple[tuple[_Fits, _Why], ...] = (
    (_is_event, _never),
    (_is_given_object, _other_object),
    (_is_doer, _other_doer),
    (_has_errno, _other_errno),
    (_has_args, _other_args),
)


def _amount(aim: _Aim, found: Sequence[Group]) -> Miss:
    """Such events were there, but not so many or with other bytes."""
    pattern = aim.pattern
    if not found or (pattern.total is None and pattern.data is None):
        often = times(sum(group.count for group in found))
        wanted = times(wanted_number(pattern.count) or 0)
        return Miss(f"Seen {often}, expected {wanted}: {aim.wanted}.", often)
    return Miss(*_traffic(pattern, max(found, key=lambda group: _nearness(pattern, group))))


def _traffic(pattern: Pattern, group: Group) -> tuple[str, str]:
    on = f" on {group.object}" if group.object else ""
    doing = f"{group.process}'s {pattern.event}{on}"
    total, count = wanted_number(pattern.total), wanted_number(pattern.count)
    if pattern.data is not None:
        data = pattern.data.encode()
        seen = group.data(data)
        if seen != data:
            return f"{doing} moved other data: {difference(data, Seen(seen))}.", abridged(seen)
    if total is not None and group.size != total:
        return (
            f"{doing} moved {counted(group.size, 'byte')} in all; {number(total)} were expected.",
            counted(group.size, "byte"),
        )
    often = times(group.count)
    return f"{doing} was seen {often}; {times(count or 0)} was expected.", often


def _nearness(pattern: Pattern, group: Group) -> int:
    wanted = wanted_number(pattern.total)
    if wanted is None and pattern.data is not None:
        wanted = len(pattern.data.encode())
    return -abs((wanted or 0) - group.size)
