"""Owns recognising one event while a scenario runs; `check.observe` judges them afterwards."""

from __future__ import annotations

from grader.course.conditions import Pattern
from grader.trace.model import Event


def matches(pattern: Pattern, event: Event, family: str) -> bool:
    """Whether an event is what a step waits for. family: the process id of the step's actor,
    whose descendants count too, unless the pattern says by whom."""
    if event.runtime or not _named(pattern.event, event.event):
        return False
    if not _by(pattern.by, event.process, family):
        return False
    bound = pattern.object is None or pattern.object.startswith("$")
    if not bound and event.object != pattern.object:
        return False
    if event.errno != pattern.errno:
        return False
    return all(str(event.args.get(key)) == str(wanted) for key, wanted in pattern.args.items())


def matches_entry(pattern: Pattern, event: str, object: str | None, actor: str) -> bool:
    """Whether a call of an actor's process that is about to make this event is what a step waits
    for. object: None where it is not known before the call, and any will do."""
    wanted = pattern.object
    if wanted is not None and not wanted.startswith("$") and object not in (wanted, None):
        return False
    return _named(pattern.event, event) and _by(pattern.by, actor, actor)


def _named(wanted: str, event: str) -> bool:
    return wanted == event or (wanted.endswith(".*") and event.startswith(wanted[:-1]))


def _by(wanted: str, process: str, family: str) -> bool:
    if wanted == "*":
        return process == family or process.startswith(family + ".")
    if wanted.endswith(".**"):
        return f"{process}.".startswith(wanted[:-2])
    if wanted.endswith(".*"):
        return process.rpartition(".")[0] == wanted[:-2]
    return process == wanted
