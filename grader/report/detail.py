"""Owns how a report's words are put where other programs read them: one finding as plain text,
hidden checks without what they are about, nothing that a CI log would take for a command."""

from __future__ import annotations

import re

import msgspec

from grader.outcome import Finding, Report, Status
from grader.report import words
from grader.report.clean import clean_line, head_and_tail

# The GitHub runner obeys `::name::` at the start of a line and `##[name]` anywhere; Azure's
# `##vso[` likewise. A backslash inside takes their meaning and leaves the words.
_COMMAND = re.compile(r"^([ \t]*:)(?=:)|(#)(?=#(?:\[|vso\[))", re.MULTILINE)

WORK = "/home/student/"
"""The work folder inside the sandbox: interpreters name files by it, students don't."""

_LINES = 20
_EVIDENCE = 5


class Entry(msgspec.Struct, frozen=True):
    """One report of several; student: whose, empty for a single grading."""

    report: Report
    student: str = ""

    @property
    def name(self) -> str:
        """`ana/pipe`, `pipe`."""
        both = (self.student, self.report.assignment)
        return inert(clean_line("/".join(part for part in both if part)))


def inert(text: str) -> str:
    """The text without workflow commands; all else stays."""
    return _COMMAND.sub(r"\g<0>\\", text)


def shown(report: Report) -> list[Finding]:
    """The findings as students may see them: a hidden check shows only whether it passed, and
    only where the course lets it."""
    return [
        wordless(finding) if finding.hidden else finding
        for finding in report.checks
        if report.show_hidden or not finding.hidden
    ]


def not_shown(report: Report) -> list[Finding]:
    """The findings that students see nothing of, though their points count."""
    return [finding for finding in report.checks if finding.hidden and not report.show_hidden]


def wordless(finding: Finding) -> Finding:
    """The finding without what it is about: its result and its points."""
    return msgspec.structs.replace(
        finding,
        id="hidden",
        title="A hidden check",
        message="",
        hint=None,
        evidence=[],
        expected=None,
        seen=None,
        scenario=None,
    )


def points_not_shown(report: Report) -> str:
    """Why the points of the checks that are shown don't sum to the total; empty where they do."""
    points = round(sum(finding.max_points for finding in not_shown(report)), 6)
    return f"{words.points(points)} of them for checks that are not shown" if points else ""


def finding_text(finding: Finding) -> str:
    """Why it was not passed, in clean lines; empty for one that passed."""
    if finding.status is Status.PASSED:
        return ""
    parts = [finding.message]
    for label, text in (("expected", finding.expected), ("seen", finding.seen)):
        if text is not None and text not in finding.message:
            parts.append(f"{label}: {text}")
    for evidence in finding.evidence[:_EVIDENCE]:
        source = f" (at {evidence.source})" if evidence.source else ""
        scenario = f"{evidence.scenario}: " if evidence.scenario else ""
        parts.append(f"evidence: {scenario}{evidence.text}{source}")
    if finding.hint and finding.status is Status.FAILED:
        parts.append(f"hint: {finding.hint}")
    return inert("\n".join(head_and_tail(part, _LINES) for part in parts if part))


def build_text(report: Report) -> str:
    """What a failed build said, in clean lines; empty if there was none."""
    build = report.build
    if build is None or build.ok:
        return ""
    said = [f"$ {' '.join(build.command)}", build.detail, build.output.strip()]
    return inert("\n".join(head_and_tail(part, 2 * _LINES) for part in said if part))


def scenario_text(report: Report) -> str:
    """What the runs came to that did not finish, in clean lines."""
    told = [
        f"{scenario.id}: {scenario.outcome}\n{head_and_tail(scenario.detail, _LINES)}".rstrip()
        for scenario in report.scenarios
        if scenario.outcome != "finished" and not scenario.hidden
    ]
    return inert("\n".join(told))


def score_line(report: Report) -> str:
    """`8 of 10 points`, or that there is none."""
    if report.score is None:
        return "not graded"
    part = ", only a part was graded" if report.partial else ""
    rest = f" ({told})" if (told := points_not_shown(report)) else ""
    return f"{words.points(report.score)} of {words.points(report.max_score)} points{rest}{part}"


def seed_line(report: Report) -> str:
    """What repeats the run."""
    return clean_line(f"seed {report.seed} · isolation {report.isolation} · grade {report.grader}")
