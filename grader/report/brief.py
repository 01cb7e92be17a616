"""Owns the verdict in one line: `pipe: 7.5 of 10, failed: a, b`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.outcome import Finding, Report, Status
from grader.report import words
from grader.report.clean import clean_line
from grader.report.detail import shown


def line(report: Report) -> str:
    """The line, without a line feed; hidden checks are not named, and where the
    course keeps them from students not mentioned."""
    return clean_line(f"{report.assignment}: {', '.join(_facts(report))}")


def _facts(report: Report) -> Iterator[str]:
    if report.score is None:
        yield f"not graded: {report.error}" if report.error else "not graded"
        return
    yield f"{words.points(report.score)} of {words.points(report.max_score)}"
    if report.partial:
        yield f"only {' and '.join(report.only)}"
    if report.build is not None and not report.build.ok:
        yield "the program could not be built"
        return
    groups = ((Status.FAILED, "failed"), (Status.SKIPPED, "not judged"))
    named = [
        f"{word}: {', '.join(names)}"
        for status, word in groups
        if (names := list(_names([one for one in shown(report) if one.status is status])))
    ]
    if named:
        yield "; ".join(named)


def _names(findings: list[Finding]) -> Iterator[str]:
    yield from (finding.id for finding in findings if not finding.hidden)
    if hidden := sum(finding.hidden for finding in findings):
        yield "a hidden check" if hidden == 1 else f"{hidden} hidden checks"
