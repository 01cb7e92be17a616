"""Owns the conditions on how a program waits: `no_busy_waiting`, `no_sleep` and `blocked_in`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from grader.check.actors import absentee, first_unreached, is_by, resolve, started
from grader.check.evidence import closest, of_events
from grader.check.result import Bindings, Result, failed, passed
from grader.check.words import listed, number, times
from grader.course.conditions import BlockedIn, NoBusyWaiting, NoSleep, Pattern
from grader.trace.model import Event, Outcome, Recording
from grader.trace.vain import longest_in_vain

_SAME_CHILD = 10
"""So often in a row nobody but a loop looks whether one and the same child has ended."""


def no_busy_waiting(recording: Recording, condition: bool | NoBusyWaiting, _: Bindings) -> Result:
    """No process asked again and again, or computed until its CPU time was used up."""
    if condition is False:
        return passed()
    wanted = NoBusyWaiting() if condition is True else condition
    by = resolve(recording, wanted.by)
    if recording.limit == "cpu":
        spent = [p for p in recording.processes if p.cpu_ms and is_by(by, p.id)]
        if spent:
            who = max(spent, key=lambda process: process.cpu_ms or 0)
            return failed(
                f"{who.id} computed until the CPU time was used up instead of waiting in a call.",
                expected="waiting blocks in the kernel",
                seen=f"{(who.cpu_ms or 0) / 1000:.1f} s of CPU time",
            )
    lanes: dict[tuple[str, int], list[Event]] = {}
    for event in recording.events:
        if not event.runtime and is_by(by, event.process):
            lanes.setdefault((event.process, event.thread), []).append(event)
    for (process, _thread), events in lanes.items():
        asked = longest_in_vain(events)
        if len(asked) > wanted.at_most:
            kinds = listed(list(dict.fromkeys(event.event for event in asked)))
            return failed(
                f"{process} asked {number(len(asked))} times in a row without any result, instead "
                f"of waiting in a call that blocks: {kinds}.",
                expected="waiting blocks in the kernel",
                seen=f"{kinds}, {number(len(asked))} times in a row",
                evidence=of_events(asked),
            )
        looked = _longest_look(events)
        if len(looked) > min(wanted.at_most, _SAME_CHILD):
            return failed(
                f"{process} looked {number(len(looked))} times in a row whether a child has ended, "
                "instead of waiting for it.",
                expected="waiting blocks in the kernel",
                seen=f"process.wait with WNOHANG, {number(len(looked))} times in a row",
                evidence=of_events(looked),
            )
    return passed()


def _longest_look(events: Sequence[Event]) -> list[Event]:
    """The longest row of looks for one and the same child, nothing but naps between them."""
    awake = (event for event in events if event.event != "time.sleep")
    rows = (list(row) for asked, row in groupby(awake, key=lambda e: e.args.get("asked")) if asked)
    return max(rows, key=len, default=[])


def no_sleep(recording: Recording, condition: bool | NoSleep, _: Bindings) -> Result:
    """No process slept for a time of its own choice."""
    if condition is False:
        return passed()
    by = resolve(recording, "*" if condition is True else condition.by)
    slept = [
        event
        for event in recording.events
        if event.event == "time.sleep" and not event.runtime and is_by(by, event.process)
    ]
    if not slept:
        return passed()
    who = listed(list(dict.fromkeys(event.process for event in slept)))
    return failed(
        f"{who} slept for a time ({times(len(slept))}). How long something takes is never known: "
        "wait for what must happen.",
        expected="no sleep",
        seen=times(len(slept)),
        evidence=of_events(slept),
    )


def blocked_in(
    recording: Recording, condition: BlockedIn | Sequence[BlockedIn], _: Bindings
) -> Result:
    """Each process slept in its call: the scenario saw it off the CPU there. How long a call lasted
    would tell of the machine's load as well."""
    for wanted in [condition] if isinstance(condition, BlockedIn) else condition:
        result = _blocked(recording, wanted)
        if not result.ok:
            return result
    return passed()


def _blocked(recording: Recording, wanted: BlockedIn) -> Result:
    if not started(recording, wanted.by) and first_unreached(recording) is not None:
        return absentee(recording, wanted.by.partition(".")[0])
    by = resolve(recording, wanted.by)
    found = [
        event
        for event in recording.events
        if event.event == wanted.event and not event.runtime and is_by(by, event.process)
    ]
    if _awaited(recording, wanted) or _stuck(recording, by, found):
        return passed()
    seen = f"{wanted.event} {times(len(found))}, never blocked" if found else f"no {wanted.event}"
    return failed(
        f"{wanted.by} was never blocked in {wanted.event}: there was {seen}.",
        expected=f"{wanted.by} sleeps in {wanted.event}",
        seen=seen,
        evidence=of_events(found or closest(recording, Pattern(event=wanted.event, by=wanted.by))),
    )


def _awaited(recording: Recording, wanted: BlockedIn) -> bool:
    """Whether the scenario waited for just this, and went on."""
    name = wanted.by.partition(".")[0]
    actor = recording.actor(name)
    names = {name, actor.name} if actor is not None else {name}
    return any(
        observation.name in names and observation.state.get("blocked") == wanted.event
        for done in recording.steps
        for observation in done.observed
    )


def _stuck(recording: Recording, by: str, found: Sequence[Event]) -> bool:
    """Whether it sleeps there for ever, in a call that had made such an event before."""
    if recording.outcome is not Outcome.DEADLOCK:
        return False  # where a run was cut off it may have been anywhere
    calls = {event.call for event in found if event.call}
    return any(is_by(by, wait.process) and wait.call in calls for wait in recording.waits)
