"""Owns what GitHub Actions reads: workflow commands that annotate lines, the base64 result object
of the Classroom autograding reporter. The step summary is `markdown`'s."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from grader.outcome import Finding, Report, Status, Verdict, score, verdict
from grader.report.clean import clean, clean_line
from grader.report.detail import (
    WORK,
    Entry,
    finding_text,
    inert,
    not_shown,
    score_line,
    shown,
    wordless,
)

MOST = 10
"""Annotations of one level that GitHub shows for a step."""


def render(entries: Sequence[Entry], *, folder: str = "") -> str:
    """Lines for stdout: an error a failed check, with file and line where its evidence has one,
    MOST in all, then the scores. folder: of the programs, from the root of the repository.
    """
    lines: list[str] = []
    for entry in entries:
        if entry.report.error is not None:
            lines.append(command("error", clean(entry.report.error), title=entry.name))
        for check in shown(entry.report):
            if check.status is Status.FAILED:
                lines.append(_annotation(entry, check, folder))
    kept = lines[: MOST - 1] if len(lines) > MOST else lines
    if len(lines) > len(kept):
        more = f"{len(lines) - len(kept)} more are in the step summary"
        kept = [*kept, command("error", more, title="grade")]
    scores = [f"{entry.name}: {score_line(entry.report)}" for entry in entries]
    return "".join(f"{line}\n" for line in (*kept, *scores))


def classroom(entries: Sequence[Entry]) -> str:
    """The `result` output of a step, which github-education-resources/autograding-grading-reporter
    takes from the variable STEP_RESULTS: JSON in base64, one line."""
    tests = [test for entry in entries for test in _tests(entry.report)]
    verdicts = {entry.report.verdict for entry in entries}
    status = "pass"
    if Verdict.ERROR in verdicts:
        status = "error"
    elif Verdict.FAILED in verdicts:
        status = "fail"
    # Of 0 points the reporter tells Classroom nothing, so a fault of ours becomes no score.
    whole = 0.0 if status == "error" else sum(entry.report.max_score for entry in entries)
    result: dict[str, Any] = {
        "version": 3,
        "status": status,
        "max_score": round(whole, 6),
        "tests": tests,
    }
    return base64.b64encode(msgspec.json.encode(result)).decode("ascii")


def _tests(report: Report) -> Iterator[dict[str, Any]]:
    """A test a check; the points of those that are not shown in one, for they count."""
    yield from map(_test, shown(report))
    if rest := not_shown(report):
        yield {
            **_test(wordless(rest[0])),
            "name": "Checks that are not shown",
            "test_code": "not-shown",
            "status": "pass" if verdict(rest) is Verdict.PASSED else "fail",
            "score": score(rest),
            "max_score": round(sum(check.max_points for check in rest), 6),
        }


def _test(check: Finding) -> dict[str, Any]:
    """One test; `score` counts, the reporter sums it."""
    status = {Status.PASSED: "pass", Status.ERROR: "error"}.get(check.status, "fail")
    source = next((one.source for one in check.evidence if one.source), None)
    return {
        "name": clean_line(check.title),
        "status": status,
        "score": check.points,
        "max_score": check.max_points,
        "message": finding_text(check),
        "test_code": check.id,
        "filename": clean_line(source.file) if source else "",
        "line_no": source.line if source else 0,
        "duration": 0,
    }


def _annotation(entry: Entry, check: Finding, folder: str) -> str:
    source = next((one.source for one in check.evidence if one.source), None)
    place: dict[str, str] = {}
    if source is not None:
        # A compiler names files as they lie in the work folder, an interpreter by whole paths.
        file = source.file.removeprefix(WORK)
        if not file.startswith("/"):
            path = clean_line(str(PurePosixPath(folder, file)))
            place = {"file": path, "line": str(source.line)}
    title = f"{entry.name}: {clean_line(check.title)}"
    return command("error", finding_text(check) or "not passed", title=title, **place)


def command(name: str, message: str, **properties: str) -> str:
    """A workflow command, escaped as actions/toolkit does, so that it is one and no more."""
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
