"""Owns what many results say together: scores, checks by failure rate, outcomes, the slowest; and
what changed between two batches. Data; the command line draws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from grader.batch.store import Result
from grader.batch.ungraded import NO_LANGUAGE
from grader.outcome import Report, Status, Verdict
from grader.trace.model import Outcome

OUTCOMES = ("passed", "failed", "deadlock", "timeout", "limit", "build", "refused", "error")
"""What became of a submission: deadlock, timeout and limit are failures in which a scenario ended
so; build: it could not be built; refused: there was no program; error: the grader's own."""

_SLOWEST = 5
_BARS = 10


def outcome_of(report: Report) -> str:
    """One of OUTCOMES: for a failure, the worst that a scenario came to."""
    if report.verdict is not Verdict.FAILED:
        return report.verdict.value
    if report.language == NO_LANGUAGE:
        return "refused"
    if report.build is not None and not report.build.ok:
        return "build"
    ended = {scenario.outcome for scenario in report.scenarios}
    worst = (Outcome.DEADLOCK, Outcome.TIMEOUT, Outcome.LIMIT)
    return next((outcome.value for outcome in worst if outcome in ended), "failed")


class Tally(msgspec.Struct):
    """One check: how many of the judged submissions do not pass it."""

    assignment: str
    check: str
    title: str
    failed: int = 0
    judged: int = 0

    @property
    def rate(self) -> float:
        return self.failed / self.judged if self.judged else 0.0


class Summary(msgspec.Struct):
    """All results of a batch, or those that a filter left."""

    graded: int = 0
    full: int = 0
    scores: list[float] = msgspec.field(default_factory=list)
    """Share of the points, 0 to 1, of everything that has a score."""
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    checks: dict[tuple[str, str], Tally] = msgspec.field(default_factory=dict)
    slowest: list[tuple[float, str, str]] = msgspec.field(default_factory=list)
    """Seconds, student, assignment."""

    def add(self, result: Result) -> None:
        self.graded += 1
        self.outcomes[result.outcome] += 1
        self.slowest.append((result.seconds, result.student, result.assignment))
        self.slowest = sorted(self.slowest, reverse=True)[:_SLOWEST]
        if result.score is None:
            return
        self.scores.append(result.score / result.max_score if result.max_score else 1.0)
        self.full += result.outcome == "passed"
        for finding in result.decoded().checks:
            tally = self.checks.setdefault(
                (result.assignment, finding.id),
                Tally(result.assignment, finding.id, finding.title),
            )
            tally.judged += 1
            tally.failed += finding.status is not Status.PASSED

    def by_failure_rate(self) -> list[Tally]:
        """The checks that somebody does not pass, most failed first."""
        failed = [tally for tally in self.checks.values() if tally.failed]
        return sorted(failed, key=lambda tally: (-tally.rate, tally.assignment, tally.check))

    def distribution(self) -> list[int]:
        """How many reached 0–10 %, 10–20 %, … 90–100 % of the points."""
        bars = [0] * _BARS
        for share in self.scores:
            bars[min(int(share * _BARS + 1e-9), _BARS - 1)] += 1
        return bars


def summary(results: Iterable[Result]) -> Summary:
    collected = Summary()
    for result in results:
        collected.add(result)
    return collected


class Selection(msgspec.Struct, frozen=True):
    """Which results are meant; None means all. check: only those that do not pass it."""

    student: str | None = None
    check: str | None = None
    outcome: str | None = None

    def __contains__(self, result: Result) -> bool:
        return (
            self.student in (None, result.student)
            and self.outcome in (None, result.outcome)
            and (self.check is None or not _passes(result, self.check))
        )


def _passes(result: Result, check: str) -> bool:
    """Whether it passes the check; one that the assignment does not have fails nobody."""
    findings = [one for one in result.decoded().checks if one.id == check]
    return all(finding.status is Status.PASSED for finding in findings)


class Change(msgspec.Struct, frozen=True):
    """What differs for one submission between two batches; None: not there or no score."""

    student: str
    assignment: str
    before: float | None
    after: float | None
    checks: tuple[str, ...] = ()
    """`-id` no longer passes, `+id` now passes."""


def compare(before: Iterable[Result], after: Iterable[Result]) -> list[Change]:
    """All submissions whose score or checks differ, by assignment and student."""
    old = {(one.assignment, one.student): _marks(one) for one in before}
    new = {(one.assignment, one.student): _marks(one) for one in after}
    changes: list[Change] = []
    for assignment, student in sorted(old.keys() | new.keys()):
        was, is_ = old.get((assignment, student)), new.get((assignment, student))
        if was != is_:
            was_passed, is_passed = (mark[1] if mark else frozenset() for mark in (was, is_))
            lost = [f"-{id}" for id in sorted(was_passed - is_passed)]
            won = [f"+{id}" for id in sorted(is_passed - was_passed)]
            changes.append(
                Change(
                    student,
                    assignment,
                    was[0] if was else None,
                    is_[0] if is_ else None,
                    (*lost, *won),
                )
            )
    return changes


def _marks(result: Result) -> tuple[float | None, frozenset[str]]:
    """The score and the checks that pass."""
    passed = (one.id for one in result.decoded().checks if one.status is Status.PASSED)
    return result.score, frozenset(passed)
