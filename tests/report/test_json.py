"""The JSON report is a contract: these names, these values, always valid JSON."""

from __future__ import annotations

import json
import unicodedata

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.outcome import Verdict
from grader.report import forms
from grader.report.clean import valid
from grader.report.json import render
from grader.trace.model import Event, Outcome, Recording
from tests.report.hostile import any_text, entries
from tests.report.samples import FAILED, report, scenario

STEERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_the_report_has_every_field_of_the_contract() -> None:
    decoded = json.loads(render(report()))
    assert decoded["schema"] == "grade/report/v1"
    assert {
        "assignment": "pipe",
        "language": "c",
        "verdict": "failed",
        "score": 2.0,
        "max_score": 4.5,
        "seed": 4711,
        "isolation": "namespaces",
        "grader": "0.1.0",
        "duration_ms": 412,
    }.items() <= decoded.items()
    check = decoded["checks"][1]
    assert {
        "id": "closes",
        "title": "Each side closes the end it does not use",
        "status": "failed",
        "points": 0,
        "max_points": 1.5,
        "hidden": False,
        "message": "main.1 never closes the write end.",
        "hint": "When does the reader see end of file?",
    }.items() <= check.items()
    assert check["evidence"] == [
        {"text": "main.1 still holds fd 4", "scenario": "greeting", "seq": 7}
    ]
    run = decoded["scenarios"][0]
    assert (run["id"], run["outcome"], run["limit"], run["wall_ms"]) == (
        "greeting",
        "deadlock",
        None,
        31,
    )
    assert run["residue"] == [{"kind": "process", "id": "main.1"}]
    assert run["actors"] == [
        {
            "name": "hello",
            "argv": ["/home/student/hello"],
            "exit": "SIGKILL",
            "stdout": "",
            "stderr": "",
        }
    ]


def test_a_fault_of_the_grader_has_no_score() -> None:
    decoded = json.loads(render(report(verdict=Verdict.ERROR, score=None, error="no ptrace")))
    assert (decoded["verdict"], decoded["score"], decoded["error"]) == ("error", None, "no ptrace")


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_of_a_student_leaves_the_json_valid(text: str) -> None:
    hostile = report(
        checks=[msgspec.structs.replace(FAILED, message=text)],
        scenarios=[scenario(stdout=text, stderr=text)],
    )
    decoded = json.loads(render(hostile))
    assert decoded["checks"][0]["message"] == decoded["scenarios"][0]["actors"][0]["stdout"]
    decoded["checks"][0]["message"].encode()  # no lone surrogates


def test_a_recording_has_the_fields_of_its_schema() -> None:
    event = Event(seq=1, t_us=5, process="main", event="pipe.write", object="pipe1", bytes=2)
    decoded = json.loads(render(Recording(outcome=Outcome.FINISHED, events=[event])))
    assert decoded["schema"] == "grade/recording/v1"
    assert decoded["outcome"] == "finished"
    names = ["seq", "t_us", "process", "event", "object", "bytes", "data", "result", "errno"]
    assert [*decoded["events"][0]][: len(names)] == names
    assert decoded["events"][0]["blocked_us"] == 0


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_nothing_in_it_steers_a_terminal_or_a_log(text: str) -> None:
    rendered = forms.render("json", entries(text)).decode()
    plain = rendered.replace("\n", "")
    assert "##[" not in plain
    assert "##vso[" not in plain
    assert not any(unicodedata.category(char) == "Cc" for char in plain)
    assert not any(unicodedata.bidirectional(char) in STEERING for char in plain)
    first, second = json.loads(rendered)["results"]
    assert first["report"]["checks"][1]["title"] == valid(text)
    assert second["student"] == "ben"
