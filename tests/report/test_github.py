"""Workflow commands and the Classroom result: one command a finding, never one of the student's."""

from __future__ import annotations

import base64
import json
import re

import msgspec
from hypothesis import given, settings

from grader.outcome import Evidence, Finding, Verdict
from grader.report.detail import Entry
from grader.report.github import classroom, render
from grader.trace.model import Source
from tests.report.hostile import any_text, entries
from tests.report.samples import FAILED, PASSED, report

COMMAND = re.compile(r"::error (?P<properties>[^:\n]*)::(?P<message>[^\n]*)")


def at(file: str, line: int) -> Finding:
    evidence = [Evidence(text="waits", source=Source(file=file, line=line))]
    return msgspec.structs.replace(FAILED, evidence=evidence)


def test_an_annotation_names_file_and_line_in_the_repository() -> None:
    text = render([Entry(report(checks=[at("hello.c", 23)]))], folder="week3/pipe")
    first = text.split("\n")[0]
    assert first.startswith(
        "::error title=pipe%3A Each side closes the end it does not use,"
        "file=week3/pipe/hello.c,line=23::main.1 never closes the write end.%0A"
    )


def test_a_path_inside_the_sandbox_is_the_students_file() -> None:
    text = render([Entry(report(checks=[at("/home/student/hello.py", 7)]))])
    assert "file=hello.py,line=7" in text
    assert "file=" not in render([Entry(report(checks=[at("/usr/lib/os.py", 7)]))])


def test_at_most_ten_annotations_and_the_rest_is_counted() -> None:
    text = render([Entry(report(checks=[FAILED] * 25))])
    commands = [line for line in text.split("\n") if line.startswith("::")]
    assert len(commands) == 10
    assert "16 more" in commands[-1]


def test_what_passed_has_no_annotation_and_the_score_is_said() -> None:
    assert render([Entry(report(checks=[PASSED]))]) == "pipe: 2 of 4.5 points\n"


def test_a_hidden_check_has_no_words() -> None:
    hidden = msgspec.structs.replace(at("hello.c", 3), hidden=True)
    text = render([Entry(report(checks=[hidden]))])
    assert text.startswith("::error title=pipe%3A A hidden check::not passed\n")


def test_the_classroom_result_is_what_the_reporter_reads() -> None:
    """It sums `score` over the tests, compares with `max_score`, looks at status and message."""
    result = json.loads(
        base64.b64decode(classroom([Entry(report(checks=[PASSED, at("hello.c", 23)]))]))
    )
    assert (result["status"], result["max_score"]) == ("fail", 4.5)
    assert sum(test["score"] for test in result["tests"]) == 2
    assert [(test["name"], test["status"]) for test in result["tests"]] == [
        ("Prints the message", "pass"),
        ("Each side closes the end it does not use", "fail"),
    ]
    assert (result["tests"][1]["filename"], result["tests"][1]["line_no"]) == ("hello.c", 23)


def test_a_fault_of_the_grader_is_an_error_for_classroom() -> None:
    faulty = report(verdict=Verdict.ERROR, score=None, error="no ptrace")
    result = json.loads(base64.b64decode(classroom([Entry(faulty)])))
    # The reporter tells Classroom no points where none could be had.
    assert (result["status"], result["max_score"]) == ("error", 0)
    assert "no ptrace" in render([Entry(faulty)]).split("\n")[0]


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_hostile_text_gives_no_command(text: str) -> None:
    rendered = render(entries(text), folder="x")
    lines = rendered.removesuffix("\n").split("\n")
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert len(lines) == 4  # an annotation and a score for each of two
    assert len(commands) == 2
    for line in commands:
        found = COMMAND.fullmatch(line)
        assert found is not None
        names = [one.partition("=")[0] for one in found["properties"].split(",")]
        assert names in (["title"], ["title", "file", "line"])
    assert "##[" not in rendered
    assert "\r" not in rendered
    assert "\n" not in classroom(entries(text))
