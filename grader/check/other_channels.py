"""Owns the condition that bytes had no other way between some processes: `no_other_channel`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.channels import GIVING, KINDS, SHARING, TAKING
from grader.check.evidence import of_events
from grader.check.matching import processes
from grader.check.result import Bindings, Result, failed, passed
from grader.check.words import listed
from grader.course.conditions import NoOtherChannel
from grader.trace.model import Event, Recording


def no_other_channel(recording: Recording, condition: NoOtherChannel, bindings: Bindings) -> Result:
    """No other object carried bytes from one of these to another."""
    for who in condition.between:
        if not started(recording, who) and first_unreached(recording) is not None:
            return absentee(recording, who.partition(".")[0])
    allowed = {bindings.get(name, name) for name in condition.allowed} | set(bindings.values())
    sides = _sides(recording, condition.between)
    for object, giver, taker in _carriers(recording, sides):
        if object.partition("#")[0] in allowed or object in allowed:
            continue
        events = [
            event
            for event in recording.events
            if event.object == object and event.process in (giver, taker) and _moves(event)
        ]
        return failed(
            f"Bytes could go from {giver} to {taker} through {object} as well.",
            expected=f"nothing passes between {listed(condition.between)} by any other way",
            seen=object,
            evidence=of_events(events),
        )
    return passed()


def _sides(recording: Recording, between: Sequence[str]) -> dict[str, str]:
    """By process the member of `between` that it belongs to: the one that fits it closest."""
    patterns = [(name, resolve(recording, name)) for name in between]
    sides: dict[str, str] = {}
    for process in {p.id for p in recording.processes} | processes(recording):
        exact = [name for name, pattern in patterns if is_by(pattern, process)]
        family = [
            (len(pattern), name) for name, pattern in patterns if process.startswith(f"{pattern}.")
        ]
        if exact:
            sides[process] = exact[0]
        elif family:
            sides[process] = max(family)[1]
    return sides


def _carriers(recording: Recording, sides: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(object, giver, taker) for every object that one side gave into and another took from."""
    gave: dict[str, dict[str, str]] = {}
    took: dict[str, dict[str, str]] = {}
    for event in recording.events:
        side = sides.get(event.process)
        if side is None or event.object is None or not _moves(event):
            continue
        action = event.event.partition(".")[2]
        if action not in TAKING:
            gave.setdefault(event.object, {}).setdefault(side, event.process)
        if action not in GIVING:
            took.setdefault(event.object, {}).setdefault(side, event.process)
    for object, givers in gave.items():
        for giver_side, giver in givers.items():
            for taker_side, taker in took.get(object, {}).items():
                if giver_side != taker_side:
                    yield object, giver, taker


def _moves(event: Event) -> bool:
    """Whether it puts bytes into its object or takes some out, or makes both possible."""
    if event.runtime or event.errno is not None:
        return False
    if event.event in SHARING:
        return True
    action = event.event.partition(".")[2]
    return event.family in KINDS and action in (*GIVING, *TAKING) and bool(event.bytes)
