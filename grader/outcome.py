"""Owns what a verdict is: `Finding`, `Report` (schema `grade/report/v1`) and how points sum."""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import msgspec

from grader.errors import ExitStatus
from grader.trace.model import Event, ExitOf, Outcome, Residue, Source

REPORT_SCHEMA: Literal["grade/report/v1"] = "grade/report/v1"


class Status(StrEnum):
    """What became of one check. skipped: it could not be judged, and the message says why."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Verdict(StrEnum):
    """What became of the whole submission. error: the grader failed, so there is no score."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One observation that a finding rests on: an event (seq), or just words."""

    text: str
    scenario: str | None = None
    seq: int | None = None
    source: Source | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check's verdict. message: what happened; hint: what to think about, apart from it."""

    id: str
    title: str
    status: Status
    points: float
    max_points: float
    hidden: bool = False
    message: str = ""
    hint: str | None = None
    evidence: list[Evidence] = []
    scenario: str | None = None
    expected: str | None = None
    seen: str | None = None


class ActorReport(msgspec.Struct, frozen=True, kw_only=True):
    """One started program of a scenario: bounded output as valid Unicode."""

    name: str
    argv: list[str]
    exit: ExitOf
    stdout: str
    stderr: str


class ScenarioReport(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario's run. limit names the limit that ended it, detail explains in a sentence."""

    id: str
    outcome: Outcome
    limit: str | None
    detail: str
    wall_ms: int
    residue: list[Residue]
    actors: list[ActorReport]
    events: list[Event] = []
    """The last ones before it went wrong, of a run that did not finish or in which a process was
    killed."""
    by_hand: list[str] = []
    """What does the same in a terminal, line by line; none if hands can't (course.by_hand)."""
    hidden: bool = False
    """Whether only hidden checks look at it: students are shown nothing of it."""


class BuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """The build, where the language has one. output: the compiler's words, bounded."""

    ok: bool
    command: list[str]
    output: str
    detail: str = ""
    commands: list[list[str]] = []
    """All of them, one a program; command is the last one that was run."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one submission; its JSON form is a contract (docs/architecture.md).

    score is None when verdict is error: an infrastructure fault is never a score.
    """

    schema: Literal["grade/report/v1"] = REPORT_SCHEMA
    assignment: str
    language: str
    verdict: Verdict
    score: float | None
    max_score: float
    seed: int
    isolation: str
    grader: str
    duration_ms: int
    checks: list[Finding]
    scenarios: list[ScenarioReport]
    build: BuildReport | None = None
    error: str | None = None
    """What the grader could not do, when verdict is error."""
    only: list[str] = []
    """The checks that were asked for: score and max_score count these alone, so they are no score
    for the assignment. Of the others there are only those that one of these needs and that did
    not pass. Empty: all of them, as usual."""

    show_hidden: bool = False
    """Whether students see a line for each hidden check; scores count them either way."""

    @property
    def partial(self) -> bool:
        return bool(self.only)


def score(findings: Sequence[Finding]) -> float:
    """The points earned in all."""
    return round(sum(finding.points for finding in findings), 6)


def verdict(findings: Sequence[Finding]) -> Verdict:
    """error if any check could not be judged by our fault, passed at full marks, else failed."""
    if any(finding.status is Status.ERROR for finding in findings):
        return Verdict.ERROR
    full = all(finding.status is Status.PASSED for finding in findings)
    return Verdict.PASSED if full else Verdict.FAILED


def exit_status(report: Report) -> ExitStatus:
    """The exit status of `grade` for this report."""
    return {
        Verdict.PASSED: ExitStatus.FULL_MARKS,
        Verdict.FAILED: ExitStatus.NOT_FULL_MARKS,
        Verdict.ERROR: ExitStatus.INFRASTRUCTURE,
    }[report.verdict]
