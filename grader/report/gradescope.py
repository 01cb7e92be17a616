"""Owns Gradescope's results.json (gradescope-autograders.readthedocs.io/en/latest/specs): one
student's checks; the scores sum to the total.

Gradescope knows hidden tests: it counts them and keeps them from students, so their words are for
instructors there. Where the course lets students see a line, the line has no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import UsageError
from grader.outcome import Finding, Report, Status, Verdict
from grader.report.clean import clean, clean_line
from grader.report.detail import (
    Entry,
    build_text,
    finding_text,
    scenario_text,
    seed_line,
    wordless,
)

_WORDS = 100_000
"""Characters of output in all that a student's page is given."""


def render(entries: Sequence[Entry]) -> bytes:
    """The JSON. A fault of the grader leaves no score and no tests: Gradescope then says that the
    autograder failed, and keeps the score of the submission before. UsageError: several students.
    """
    if len({entry.student for entry in entries}) != 1:
        raise UsageError(
            "a Gradescope result is one student's",
            where="--format gradescope",
            fix="choose one with --student",
        )
    reports = [entry.report for entry in entries]
    result: dict[str, Any] = {
        "execution_time": round(sum(report.duration_ms for report in reports) / 1000, 3),
        "output": "\n\n".join(_whole(report) for report in reports)[:_WORDS],
        "output_format": "text",
        "stdout_visibility": "hidden",
    }
    if all(report.verdict is not Verdict.ERROR for report in reports):
        several = len(reports) > 1
        tests = [_test(report, check, several) for report in reports for check in report.checks]
        result["score"] = round(sum(test["score"] for test in tests), 6)
        result["tests"] = tests
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def _whole(report: Report) -> str:
    """What concerns no single check."""
    if report.verdict is Verdict.ERROR:
        return (
            f"The grader could not do its work, so there is no score: {clean(report.error or '')}"
        )
    parts = [build_text(report) or scenario_text(report), seed_line(report)]
    return "\n".join(part for part in parts if part)


def _test(report: Report, check: Finding, several: bool) -> dict[str, Any]:
    told = wordless(check) if check.hidden and report.show_hidden else check
    title = clean_line(told.title)
    return {
        "name": f"{report.assignment}: {title}" if several else title,
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.status is Status.PASSED else "failed",
        "visibility": "hidden" if check.hidden and not report.show_hidden else "visible",
        "output": finding_text(told)[:_WORDS],
        "output_format": "text",
        "tags": [report.assignment, told.id],
    }
