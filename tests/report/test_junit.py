"""JUnit XML that validates, that a stock reader takes, and that says what the report says."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
from hypothesis import given, settings
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite
from lxml import etree

from grader.outcome import BuildReport, Status, Verdict
from grader.report.detail import Entry
from grader.report.junit import render
from tests.report.hostile import any_text, entries
from tests.report.samples import FAILED, PASSED, WAITS, report

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("junit.xsd"))))


def read(text: str) -> JUnitXml:
    """The report as junitparser reads it, once it is valid."""
    SCHEMA.assertValid(etree.parse(io.BytesIO(text.encode())))
    return JUnitXml.fromstring(text.encode())


def said(suite: TestSuite, tag: str) -> str:
    return str(suite._elem.findtext(tag))


def test_a_check_is_a_case_with_its_result() -> None:
    xml = read(render([Entry(report())]))
    [suite] = xml
    assert (suite.name, suite.tests, suite.failures, suite.skipped, suite.errors) == (
        "pipe",
        3,
        1,
        1,
        0,
    )
    assert suite.time == 0.412
    cases = list(suite)
    assert [case.name for case in cases] == [
        "prints: Prints the message",
        "closes: Each side closes the end it does not use",
        "large: Nothing is cut",
    ]
    assert [[type(one) for one in case.result] for case in cases] == [[], [Failure], [Skipped]]
    [failure] = cases[1].result
    assert failure.message == "main.1 never closes the write end."
    assert "evidence: greeting: main.1 still holds fd 4" in failure.text
    assert WAITS in said(suite, "system-out")


def test_points_and_seed_are_properties() -> None:
    [suite] = read(render([Entry(report())]))
    properties = suite.properties()  # type: ignore[no-untyped-call] # junitparser is half typed
    values = {one.name: one.value for one in properties}
    assert (values["score"], values["max_score"], values["seed"]) == ("2", "4.5", "4711")


def test_a_batch_is_a_suite_for_each_submission() -> None:
    xml = read(render([Entry(report(), "ana"), Entry(report(), "ben")]))
    assert [suite.name for suite in xml] == ["ana/pipe", "ben/pipe"]
    assert (xml.tests, xml.failures, xml.errors) == (6, 2, 0)


def test_a_fault_of_the_grader_is_an_error_not_a_failure() -> None:
    checks = [msgspec.structs.replace(FAILED, status=Status.ERROR)]
    faulty = report(checks=checks, verdict=Verdict.ERROR, score=None, error="no ptrace")
    [suite] = read(render([Entry(faulty)]))
    assert (suite.errors, suite.failures, said(suite, "system-err")) == (1, 0, "no ptrace")
    [case] = suite
    assert [type(one) for one in case.result] == [Error]


def test_a_failed_build_is_told_once() -> None:
    build = BuildReport(ok=False, command=["cc", "hello.c"], output="hello.c:1: error: what?")
    [suite] = read(render([Entry(report(build=build))]))
    assert said(suite, "system-out") == "$ cc hello.c\nhello.c:1: error: what?"


def test_a_hidden_check_shows_only_its_result() -> None:
    hidden = msgspec.structs.replace(FAILED, hidden=True, id="secret", title="The secret")
    text = render([Entry(report(checks=[PASSED, hidden]))])
    [suite] = read(text)
    assert [case.name for case in suite][1] == "hidden: A hidden check"
    assert "ecret" not in text
    assert FAILED.message not in text


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_hostile_text_is_only_text(text: str) -> None:
    rendered = render(entries(text))
    xml = read(rendered)
    assert [len(list(suite)) for suite in xml] == [3, 3]
    assert "full marks" not in [case.name for suite in xml for case in suite]
    assert not any(line.lstrip().startswith("::") for line in rendered.split("\n"))
    assert "##[" not in rendered
