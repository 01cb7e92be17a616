"""What a hidden check is about reaches no form that students read; its points count in all."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import msgspec
import pytest

from grader.outcome import Evidence, Finding, Report, Status
from grader.report import brief, github, gradescope, junit, markdown, terminal
from grader.report import json as json_form
from grader.report.detail import Entry
from grader.trace.model import Outcome
from tests.report.samples import FAILED, PASSED, report, scenario

SECRET = Finding(
    id="s3cret-id",
    title="s3cret title",
    status=Status.FAILED,
    points=0,
    max_points=1.5,
    hidden=True,
    message="s3cret message",
    hint="s3cret hint",
    evidence=[Evidence(text="s3cret evidence", scenario="s3cret-scenario", seq=7)],
    scenario="s3cret-scenario",
    expected="s3cret expected",
    seen="s3cret seen",
)
TRAP = msgspec.structs.replace(
    scenario(Outcome.FINISHED, id="s3cret-scenario", stdout="s3cret", stderr="s3cret"),
    hidden=True,
    detail="s3cret detail",
    by_hand=["./hello s3cret"],
)


def of(*, show_hidden: bool) -> Report:
    return report(checks=[PASSED, FAILED, SECRET], scenarios=[TRAP], show_hidden=show_hidden)


FORMS: dict[str, Callable[[Report], str]] = {
    "brief": brief.line,
    "text": lambda one: terminal.render(one, color=False),
    "markdown": lambda one: markdown.render([Entry(one)]),
    "junit": lambda one: junit.render([Entry(one)]),
    "github": lambda one: github.render([Entry(one)]),
    "classroom": lambda one: base64.b64decode(github.classroom([Entry(one)])).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("show_hidden", [True, False], ids=["shown", "not-shown"])
def test_nothing_of_it_is_told(form: str, show_hidden: bool) -> None:
    assert "s3cret" not in FORMS[form](of(show_hidden=show_hidden))


@pytest.mark.parametrize("form", FORMS)
def test_it_is_a_line_only_where_the_course_lets_students_see_it(form: str) -> None:
    assert "hidden check" in FORMS[form](of(show_hidden=True))
    assert "hidden" not in FORMS[form](of(show_hidden=False))


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"classroom"}))
@pytest.mark.parametrize("show_hidden", [True, False], ids=["shown", "not-shown"])
def test_the_score_counts_it_either_way(form: str, show_hidden: bool) -> None:
    assert "2 of 4.5" in FORMS[form](of(show_hidden=show_hidden))


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "github"])
def test_points_without_a_line_are_accounted_for(form: str) -> None:
    told = "1.5 of them for checks that are not shown"
    assert told in FORMS[form](of(show_hidden=False)).replace("\\", "")
    assert told not in FORMS[form](of(show_hidden=True))


def test_classroom_sums_to_the_same_points() -> None:
    for show_hidden in (True, False):
        tests = json.loads(FORMS["classroom"](of(show_hidden=show_hidden)))["tests"]
        assert sum(test["score"] for test in tests) == 2
        assert sum(test["max_score"] for test in tests) == 2 + 1.5 + 1.5


def test_gradescope_keeps_its_words_from_students() -> None:
    """Gradescope shows a hidden test to instructors only; a visible one has no words."""
    for show_hidden in (True, False):
        entries = [Entry(of(show_hidden=show_hidden))]
        result = json.loads(gradescope.render(entries))
        seen = [test for test in result["tests"] if test["visibility"] == "visible"]
        assert "s3cret" not in json.dumps([seen, result["output"]])
        assert len(seen) == 2 + show_hidden


def test_json_is_for_programs_and_marks_it() -> None:
    told = json.loads(json_form.render(of(show_hidden=False)))
    assert [check["hidden"] for check in told["checks"]] == [False, False, True]
    assert told["checks"][2]["message"] == "s3cret message"
    assert told["show_hidden"] is False
