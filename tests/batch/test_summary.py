"""What many results say together, and what changed between two batches."""

from __future__ import annotations

import msgspec
import pytest

from grader.batch.summary import Change, Selection, compare, outcome_of, summary
from grader.outcome import BuildReport, Report, Status, Verdict
from grader.trace.model import Outcome
from tests.batch.made import row
from tests.report.samples import FAILED, PASSED, SKIPPED, report, scenario

FULL = report(checks=[PASSED], verdict=Verdict.PASSED, score=4.5, scenarios=[])
FAULT = report(
    checks=[msgspec.structs.replace(FAILED, status=Status.ERROR)],
    verdict=Verdict.ERROR,
    score=None,
    error="no ptrace",
)
NO_BUILD = report(build=BuildReport(ok=False, command=["cc"], output=""), scenarios=[], score=0)


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (FULL, "passed"),
        (FAULT, "error"),
        (NO_BUILD, "build"),
        (report(), "deadlock"),
        (report(scenarios=[scenario(Outcome.LIMIT), scenario(Outcome.TIMEOUT)]), "timeout"),
        (report(scenarios=[scenario(Outcome.FINISHED)]), "failed"),
        (msgspec.structs.replace(report(), language="none"), "refused"),
    ],
)
def test_the_outcome_is_the_worst_that_happened(made: Report, outcome: str) -> None:
    assert outcome_of(made) == outcome


def test_scores_outcomes_and_checks_are_counted() -> None:
    whole = summary([row("ana", FULL), row("ben"), row("cem"), row("dora", FAULT)])
    assert (whole.graded, whole.full) == (4, 1)
    assert whole.outcomes == {"passed": 1, "deadlock": 2, "error": 1}
    assert whole.distribution() == [0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    worst = whole.by_failure_rate()
    # A skipped check was not passed; what has no score was not judged.
    assert [(one.check, one.failed, one.judged, one.rate) for one in worst] == [
        ("closes", 2, 2, 1.0),
        ("large", 2, 2, 1.0),
    ]
    assert whole.slowest[0] == (0.412, "dora", "pipe")


def test_an_empty_batch_has_an_empty_summary() -> None:
    whole = summary([])
    assert (whole.graded, whole.by_failure_rate(), sum(whole.distribution())) == (0, [], 0)


def test_filters_choose_by_student_outcome_and_failed_check() -> None:
    rows = [row("ana", FULL), row("ben"), row("cem", report(checks=[SKIPPED]))]

    def chosen(selection: Selection) -> list[str]:
        return [one.student for one in rows if one in selection]

    assert chosen(Selection()) == ["ana", "ben", "cem"]
    assert chosen(Selection(student="ben")) == ["ben"]
    assert chosen(Selection(outcome="passed")) == ["ana"]
    assert chosen(Selection(check="closes")) == ["ben"]
    assert chosen(Selection(check="large", student="cem")) == ["cem"]


def test_a_comparison_names_scores_and_checks_that_changed() -> None:
    before = [row("ana"), row("ben"), row("cem"), row("dora")]
    after = [row("ana"), row("ben", FULL), row("cem", FAULT), row("eve")]
    assert compare(before, after) == [
        Change("ben", "pipe", 2.0, 4.5),
        Change("cem", "pipe", 2.0, None, ("-prints",)),
        Change("dora", "pipe", 2.0, None, ("-prints",)),
        Change("eve", "pipe", None, 2.0, ("+prints",)),
    ]
    assert compare(before, before) == []
