"""Owns what `checks.py` may rely on: the recording, a few ways to look into it, verdicts.

A function of `checks.py` gets one run of one of its check's scenarios and says what it finds:

    from grader.check.api import Recording, Result, Values, events, failed, passed

    def written_in_one_call(recording: Recording, values: Values) -> Result:
        writes = events(recording, "pipe.write", by="main")
        if len(writes) == 1:
            return passed(writes)
        return failed(f"main wrote {len(writes)} times.", expected="one write", evidence=writes)

It must be pure: the same recording, the same verdict. `docs/assignment-format.md` shows how an
assignment names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from grader.check import result
from grader.check.evidence import of_events
from grader.check.matching import fitting
from grader.check.result import Result
from grader.course.conditions import Pattern
from grader.trace.model import (
    Attribute,
    Event,
    KernelObject,
    Outcome,
    Output,
    Process,
    Recording,
    Residue,
)
from grader.trace.text import unescape

__all__ = [
    "Attribute",
    "Event",
    "KernelObject",
    "Outcome",
    "Output",
    "Process",
    "PythonCheck",
    "Recording",
    "Residue",
    "Result",
    "Values",
    "events",
    "failed",
    "not_judged",
    "passed",
    "stderr",
    "stdout",
]

Values: TypeAlias = Mapping[str, str]
"""The scenario's random values by placeholder name: "message", "message.bytes"."""

PythonCheck: TypeAlias = Callable[[Recording, Values], Result]
"""What the functions of `checks.py` are."""


def events(
    recording: Recording,
    event: str,
    *,
    by: str = "*",
    object: str | None = None,
    errno: str | None = None,
    **args: int | str | bool,
) -> list[Event]:
    """The program's events of this kind ("pipe.write", "pipe.*"), in order; as in `observe`: by,
    object, errno (None: of calls that did their work), further arguments by name. What the
    interpreter did before the program began is left out."""
    pattern = Pattern(event=event, by=by, object=object, errno=errno, args=args)
    return list(fitting(recording, pattern))


def stdout(recording: Recording, of: str | None = None) -> bytes:
    """What an actor printed, as far as it was kept; `of` may be left out where there is one.
    Empty for one that was not started."""
    actor = _actor(recording, of)
    return b"" if actor is None else unescape(actor.stdout)


def stderr(recording: Recording, of: str | None = None) -> bytes:
    """Likewise what it wrote to stderr."""
    actor = _actor(recording, of)
    return b"" if actor is None else unescape(actor.stderr)


def passed(evidence: Iterable[Event] = ()) -> Result:
    """The program did it; evidence: the events that show it."""
    return result.passed(of_events(evidence))


def failed(
    message: str,
    *,
    expected: str | None = None,
    seen: str | None = None,
    evidence: Iterable[Event] = (),
) -> Result:
    """The program did not do it. message: what happened, in sentences for the student. expected,
    seen: the same as short facts. What to think about is the check's `hint`."""
    return result.failed(message, expected=expected, seen=seen, evidence=of_events(evidence))


def not_judged(message: str) -> Result:
    """It can't be told from this run; no points, and no blame. message: why."""
    return result.skipped(message)


def _actor(recording: Recording, of: str | None) -> Output | None:
    if of is not None:
        return recording.actor(of)
    if len(recording.actors) > 1:
        names = ", ".join(actor.name for actor in recording.actors)
        raise ValueError(f"this scenario has several actors, say which one: {names}")
    return next(iter(recording.actors), None)
