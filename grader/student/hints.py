"""Owns which hint comes next: first what a stuck run advises, then what the course says."""

from __future__ import annotations

import msgspec

from grader.course.outline import CheckOutline, Outline
from grader.student.progress import Advice, Entry, Journal, with_advice, with_hint


class Hint(msgspec.Struct, frozen=True):
    """One hint for a check. number: of the course's, from 1; of advice from the run, 0."""

    check: str
    number: int
    text: str
    given: bool
    advice: Advice | None = None


def hints_for(check: CheckOutline, entry: Entry) -> list[Hint]:
    """All hints for a check that failed in the last grading, in the order of giving."""
    given = entry.hints.get(check.id, 0)
    advice = [one for one in entry.last.advice if check.id in one.checks]
    return [
        *(Hint(check.id, 0, one.text, one.given, one) for one in advice),
        *(Hint(check.id, n, text, n <= given) for n, text in enumerate(check.hints, 1)),
    ]


def failed_checks(outline: Outline, entry: Entry) -> list[CheckOutline]:
    """What failed in the last grading, in the order of the assignment as it is now."""
    return [check for check in outline.checks if check.id in entry.last.failed]


def hinted(outline: Outline, entry: Entry) -> list[CheckOutline]:
    """The failed checks that have a hint which was not given yet."""
    return [
        check
        for check in failed_checks(outline, entry)
        if any(not hint.given for hint in hints_for(check, entry))
    ]


def with_given(journal: Journal, assignment: str, hint: Hint) -> Journal:
    """The journal after this hint was given."""
    if hint.advice is not None:
        return with_advice(journal, assignment, hint.advice)
    return with_hint(journal, assignment, hint.check, hint.number)
