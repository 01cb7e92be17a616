"""Gradescope's results.json: its fields, sums that agree, hidden checks, no score by our fault."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from grader.errors import UsageError
from grader.outcome import BuildReport, Verdict
from grader.report.detail import Entry
from grader.report.gradescope import render
from tests.report.hostile import any_text, hostile
from tests.report.samples import FAILED, PASSED, report

# https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
TOP = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "tests": list,
    "extra_data": dict,
    "leaderboard": list,
}
TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


def read(entries: list[Entry]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(render(entries))
    for field, value in result.items():
        assert isinstance(value, TOP[field])  # type: ignore[arg-type] # a type or types
    for test in result.get("tests", []):
        for field, value in test.items():
            assert isinstance(value, TEST[field])  # type: ignore[arg-type] # a type or types
        assert test["status"] in {"passed", "failed"}
        assert test["visibility"] in VISIBILITIES
        assert test["output_format"] in {"text", "html", "simple_format", "md", "ansi"}
        assert 0 <= test["score"] <= test["max_score"]
    if "tests" in result:
        assert result["score"] == pytest.approx(sum(test["score"] for test in result["tests"]))
    return result


def test_each_check_is_a_test_and_the_scores_sum() -> None:
    result = read([Entry(report())])
    assert (result["score"], result["execution_time"]) == (2, 0.412)
    assert [
        (test["name"], test["score"], test["max_score"], test["status"]) for test in result["tests"]
    ] == [
        ("Prints the message", 2, 2, "passed"),
        ("Each side closes the end it does not use", 0, 1.5, "failed"),
        ("Nothing is cut", 0, 1, "failed"),
    ]
    assert result["tests"][1]["tags"] == ["pipe", "closes"]
    assert result["tests"][1]["output"].startswith("main.1 never closes the write end.\n")


def test_a_hidden_check_is_hidden() -> None:
    hidden = msgspec.structs.replace(FAILED, hidden=True)
    tests = read([Entry(report(checks=[PASSED, hidden], show_hidden=False))])["tests"]
    assert [test["visibility"] for test in tests] == ["visible", "hidden"]
    shown = read([Entry(report(checks=[PASSED, hidden], show_hidden=True))])["tests"]
    assert [test["visibility"] for test in shown] == ["visible", "visible"]
    assert (shown[1]["name"], shown[1]["output"]) == ("A hidden check", "")


def test_a_failed_build_shows_the_compilers_words() -> None:
    build = BuildReport(ok=False, command=["cc", "hello.c"], output="hello.c:1: error: what?")
    assert "hello.c:1: error: what?" in read([Entry(report(build=build))])["output"]


def test_a_fault_of_the_grader_gives_no_score_at_all() -> None:
    faulty = report(verdict=Verdict.ERROR, score=None, error="no ptrace")
    result = read([Entry(faulty)])
    assert "score" not in result
    assert "tests" not in result
    assert "no ptrace" in result["output"]


def test_several_assignments_of_one_student_are_one_result() -> None:
    both = [
        Entry(report(), "ana"),
        Entry(msgspec.structs.replace(report(), assignment="shm"), "ana"),
    ]
    result = read(both)
    assert result["score"] == 4
    assert [test["name"] for test in result["tests"]][::3] == [
        "pipe: Prints the message",
        "shm: Prints the message",
    ]


def test_several_students_are_no_gradescope_result() -> None:
    with pytest.raises(UsageError, match="one student"):
        render([Entry(report(), "ana"), Entry(report(), "ben")])


@settings(deadline=None, max_examples=40)
@given(any_text)
def test_hostile_text_leaves_the_result_valid(text: str) -> None:
    result = read([Entry(hostile(text))])
    assert len(result["tests"]) == 3
    shown = json.dumps(result, ensure_ascii=False)
    shown.encode()  # no lone surrogate
    assert "\x1b" not in json.loads(json.dumps(result))["tests"][1]["output"]
