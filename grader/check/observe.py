"""Owns the conditions on events: `observe` (these, in this order) and `absent` (none of these)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from grader.check.actors import absentee, first_unreached, last_words, started
from grader.check.evidence import of_events
from grader.check.matching import is_name
from grader.check.miss import describe, explain_miss, named
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.search import occurrences, search
from grader.check.words import listed, times
from grader.course.conditions import Pattern
from grader.trace.model import Event, Recording

MOST_CHOICES = 64
"""How many bindings of the names other conditions may choose from."""


def observe(recording: Recording, patterns: Sequence[Pattern], _bindings: Bindings) -> Result:
    """The patterns are found in this order: of two calls that overlap in time either may be
    the first. `choices` of the result are the bindings with which they are."""
    try:
        looking = search(recording, patterns)
    except ValueError as error:
        return broken(f"a total or count is no number ({error})")
    found = list(islice(looking.matches(), MOST_CHOICES))
    if found:
        events = [event for one in found[0].occurrences for event in one.events[:2]]
        return passed(of_events(events), choices=(match.bindings for match in found))
    for pattern in patterns:
        if not started(recording, pattern.by) and first_unreached(recording) is not None:
            return absentee(recording, pattern.by.partition(".")[0])
    miss = explain_miss(looking)
    message = miss.message
    words = last_words(recording)
    if words is not None:
        message = f"{words} {message}" if did_nothing(recording) else f"{message} {words}"
    return failed(
        message,
        expected=", then ".join(
            describe(pattern, known=named(patterns[:index]))
            for index, pattern in enumerate(patterns)
        ),
        seen=miss.seen,
        evidence=miss.evidence,
    )


def absent(recording: Recording, patterns: Sequence[Pattern], bindings: Bindings) -> Result:
    """No student's event fits any of the patterns."""
    for pattern in patterns:
        object = bindings.get(pattern.object) if pattern.object else None
        if is_name(pattern.object) and bindings and object is None:
            return broken(f"nothing in `observe` says what {pattern.object} is")
        try:
            found = occurrences(recording, pattern, object)
        except ValueError as error:
            return broken(f"a total or count is no number ({error})")
        if found:
            what = describe(pattern, bindings)
            deeds = [event for one in found for event in one.events]
            seen = listed(list(dict.fromkeys(f"{e.event} by {e.process}" for e in deeds)))
            often = times(max(len(deeds), 1))
            return failed(
                f"{seen or what} was seen {often}, but must not happen.",
                expected=f"never that {what}",
                seen=often,
                evidence=of_events(deeds),
            )
    return passed()


def did_nothing(recording: Recording) -> bool:
    """Whether no program came to do anything of its own that the grader watches."""

    return not any(_is_deed(event) for event in recording.events)


def _is_deed(event: Event) -> bool:
    """What every program does at its start and end, and its words on stdout and stderr, is no
    deed. A file that it opens may be the program itself."""
    if event.runtime or event.object in ("stdin", "stdout", "stderr"):
        return False
    return event.event not in ("process.exec", "process.exit") and event.family != "file"
