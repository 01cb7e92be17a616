"""Owns the JUnit form: a suite a submission, a case a check, valid against the schema of Jenkins'
xUnit plugin, which GitLab, Azure and the rest read too."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from grader.outcome import Finding, Report, Status
from grader.report.clean import clean_line
from grader.report.detail import (
    Entry,
    build_text,
    finding_text,
    inert,
    scenario_text,
    score_line,
    shown,
)


def render(entries: Sequence[Entry]) -> str:
    """The whole document. Of a hidden check it says at most whether it passed."""
    suites = [_suite(entry) for entry in entries]
    root = Xml.Element("testsuites", name="grade")
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", _seconds(sum(entry.report.duration_ms for entry in entries)))
    root.extend(suites)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suite(entry: Entry) -> Xml.Element:
    report = entry.report
    checks = shown(report)
    statuses = [check.status for check in checks]
    suite = Xml.Element(
        "testsuite",
        name=entry.name,
        tests=str(len(checks)),
        failures=str(statuses.count(Status.FAILED)),
        errors=str(statuses.count(Status.ERROR)),
        skipped=str(statuses.count(Status.SKIPPED)),
        time=_seconds(report.duration_ms),
    )
    properties = Xml.SubElement(suite, "properties")
    for name, value in _properties(report):
        Xml.SubElement(properties, "property", name=name, value=clean_line(value))
    for check in checks:
        suite.append(_case(entry, check))
    if said := build_text(report) or scenario_text(report):
        Xml.SubElement(suite, "system-out").text = said
    if report.error is not None:
        Xml.SubElement(suite, "system-err").text = inert(clean_line(report.error))
    return suite


def _properties(report: Report) -> list[tuple[str, str]]:
    score = "" if report.score is None else f"{report.score:g}"
    return [
        ("language", report.language),
        ("verdict", report.verdict),
        ("score", score),
        ("max_score", f"{report.max_score:g}"),
        ("seed", str(report.seed)),
        ("isolation", report.isolation),
        ("grader", report.grader),
        ("points", score_line(report)),
    ]


def _case(entry: Entry, check: Finding) -> Xml.Element:
    case = Xml.Element(
        "testcase",
        classname=entry.name.replace("/", "."),
        name=inert(clean_line(f"{check.id}: {check.title}")),
    )
    tag = {Status.FAILED: "failure", Status.ERROR: "error", Status.SKIPPED: "skipped"}
    if check.status in tag:
        text = finding_text(check)
        told = Xml.SubElement(case, tag[check.status], message=text.partition("\n")[0])
        if check.status is not Status.SKIPPED:
            told.set("type", check.status)
        told.text = text
    return case


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}"
