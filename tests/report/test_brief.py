"""The verdict in one line."""

from __future__ import annotations

import msgspec

from grader.outcome import BuildReport, Verdict
from grader.report.brief import line
from tests.report.samples import FAILED, PASSED, SKIPPED, report


def test_what_failed_and_what_was_not_judged_is_named() -> None:
    assert line(report()) == "pipe: 2 of 4.5, failed: closes; not judged: large"


def test_full_marks_need_no_names() -> None:
    full = report(checks=[PASSED], score=4.5, verdict=Verdict.PASSED)
    assert line(full) == "pipe: 4.5 of 4.5"


def test_hidden_checks_are_counted_not_named() -> None:
    hidden = [msgspec.structs.replace(one, hidden=True) for one in (FAILED, FAILED, SKIPPED)]
    assert line(report(checks=hidden)) == (
        "pipe: 2 of 4.5, failed: 2 hidden checks; not judged: a hidden check"
    )


def test_a_failed_build_is_the_only_thing_to_say() -> None:
    build = BuildReport(ok=False, command=["cc"], output="")
    assert line(report(score=0, build=build)) == "pipe: 0 of 4.5, the program could not be built"


def test_an_infrastructure_fault_is_no_score() -> None:
    fault = report(verdict=Verdict.ERROR, score=None, error="no namespaces\n\x1b[2J")
    assert line(fault) == "pipe: not graded: no namespaces\\n\\x1b[2J"


def test_a_part_says_of_what() -> None:
    part = msgspec.structs.replace(report(checks=[PASSED], score=2), only=["prints"])
    assert line(part) == "pipe: 2 of 4.5, only prints"
