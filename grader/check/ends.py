"""Owns the conditions on how things end: `exit`, `reaped` and `residue`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.check.actors import (
    absentee,
    actor_of,
    ended,
    first_unreached,
    is_by,
    last_words,
    resolve,
    started,
)
from grader.check.evidence import MOST, of_events
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.words import counted, listed
from grader.course.conditions import Exit, Reaped
from grader.outcome import Evidence
from grader.trace.model import Outcome, Output, Process, Recording


def exit_status(
    recording: Recording, condition: int | Exit | Sequence[Exit], _: Bindings
) -> Result:
    """How actors ended. Without `of` it holds for every actor of the scenario."""
    if isinstance(condition, int):
        condition = Exit(status=condition)
    for wanted in [condition] if isinstance(condition, Exit) else condition:
        for actor in _meant(recording, wanted.of):
            result = actor if isinstance(actor, Result) else _exited(recording, actor, wanted)
            if not result.ok:
                return result
    return passed()


def _meant(recording: Recording, of: str | None) -> Sequence[Output | Result]:
    if of is not None or not recording.actors:
        return [actor_of(recording, of)]
    return recording.actors


def _exited(recording: Recording, actor: Output, wanted: Exit) -> Result:
    expected = _expected(wanted)
    # The grader kills what is still alive when it ends a run early: that is no exit.
    alive = actor.exit is None or (
        recording.outcome is not Outcome.FINISHED and actor.exit == "SIGKILL"
    )
    if alive:
        seen = "it had not ended when the run was over"
    elif _fits(actor, wanted):
        return passed()
    else:
        seen = ended(actor)
    message = f"{actor.name} should have {expected}: it {seen.removeprefix('it ')}."
    words = last_words(recording) if actor.exit != 0 else None
    return failed(f"{message} {words}" if words else message, expected=expected, seen=seen)


def _fits(actor: Output, wanted: Exit) -> bool:
    if wanted.status is not None and actor.exit != wanted.status:
        return False
    if wanted.signal is not None and actor.exit != signal_name(wanted.signal):
        return False
    return wanted.nonzero is None or (actor.exit != 0) is wanted.nonzero


def signal_name(name: str) -> str:
    """ "TERM" and "SIGTERM" as "SIGTERM"."""
    return f"SIG{name.upper().removeprefix('SIG')}"


def _expected(wanted: Exit) -> str:
    facts = []
    if wanted.status is not None:
        facts.append(f"ended with exit status {wanted.status}")
    if wanted.signal is not None:
        facts.append(f"been ended by {signal_name(wanted.signal)}")
    if wanted.nonzero is not None:
        facts.append("failed" if wanted.nonzero else "ended with exit status 0")
    return listed(facts) or "ended"


def reaped(recording: Recording, condition: Reaped, _: Bindings) -> Result:
    """Every child was waited for by its parent. Without a count there must be at least one
    child: a program that never forks has not shown that it reaps."""
    if not started(recording, condition.by) and first_unreached(recording) is not None:
        return absentee(recording, condition.by.partition(".")[0])
    try:
        count = None if condition.count is None else int(condition.count)
    except ValueError:
        return broken(f"its count of children, {condition.count!r}, is no number")
    by = resolve(recording, condition.by)
    children = [child for child in students(recording) if child.parent and is_by(by, child.parent)]
    lost = [child for child in children if child.reaped_by != child.parent]
    born = "no children" if not children else _children(len(children))
    if count is not None and len(children) != count:
        return failed(
            f"{condition.by} had {born}; {_children(count)} expected.",
            expected=_children(count),
            seen=born,
            evidence=_births(recording, children),
        )
    if count is None and not children and not condition.if_any:
        return failed(
            f"{condition.by} had no children, so it reaped none.",
            expected="every child is waited for",
            seen=born,
        )
    if lost:
        return failed(
            f"{condition.by} did not reap {listed([_lost(child) for child in lost])}.",
            expected="every child is waited for by its parent",
            seen=f"{len(lost)} of {_children(len(children))} not reaped",
            evidence=_births(recording, lost),
        )
    return passed()


def students(recording: Recording) -> list[Process]:
    """The processes that the program made, without those of its interpreter."""
    runtime = {
        event.target
        for event in recording.events
        if event.runtime and event.event == "process.fork"
    }
    return [process for process in recording.processes if process.id not in runtime]


def _children(count: int) -> str:
    return "1 child" if count == 1 else f"{count} children"


def _lost(child: Process) -> str:
    if child.reaped_by is not None:
        return f"{child.id} (waited for by {child.reaped_by})"
    return f"{child.id} (still running at the end)" if child.exit is None else child.id


def _births(recording: Recording, children: Sequence[Process]) -> tuple[Evidence, ...]:
    ids = {child.id for child in children}
    return of_events(
        event for event in recording.events if event.event == "process.fork" and event.target in ids
    )


def residue(recording: Recording, _condition: str, _: Bindings) -> Result:
    """Nothing is left when the scenario is over."""
    if not recording.residue:
        return passed()
    left = [
        f"{item.kind} {item.id}" + (f" ({item.detail})" if item.detail else "")
        for item in recording.residue
    ]
    return failed(
        f"Something was left behind: {listed(left)}.",
        expected="nothing left behind",
        seen=counted(len(left), "thing"),
        evidence=[Evidence(text=f"left behind: {one}") for one in left[:MOST]],
    )
