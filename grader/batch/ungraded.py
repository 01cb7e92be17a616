"""Owns the reports on submissions whose programs never ran: refused, or not gradable by us."""

from __future__ import annotations

from grader import __version__
from grader.course.model import LoadedAssignment
from grader.outcome import Finding, Report, Status, Verdict

NO_LANGUAGE = "none"
"""The language in the report on a submission that holds no program."""


def refused(assignment: LoadedAssignment, reason: str, *, seed: int) -> Report:
    """No program to grade, by the student's doing: every check is skipped, no points."""
    return _report(assignment, Verdict.FAILED, reason, seed)


def not_graded(assignment: LoadedAssignment, reason: str, *, seed: int) -> Report:
    """The grader could not do its work: no score."""
    return _report(assignment, Verdict.ERROR, reason, seed)


def _report(assignment: LoadedAssignment, verdict: Verdict, reason: str, seed: int) -> Report:
    ours = verdict is Verdict.ERROR
    return Report(
        assignment=assignment.id,
        language=NO_LANGUAGE,
        verdict=verdict,
        score=None if ours else 0.0,
        max_score=assignment.data.max_score,
        seed=seed,
        isolation="none",
        grader=__version__,
        duration_ms=0,
        checks=[
            Finding(
                id=check.id,
                title=check.title,
                status=Status.ERROR if ours else Status.SKIPPED,
                points=0.0,
                max_points=check.points,
                hidden=check.hidden,
                message="not judged, because the grader could not do its work" if ours else reason,
            )
            for check in assignment.data.checks
        ],
        scenarios=[],
        error=reason if ours else None,
        show_hidden=assignment.show_hidden,
    )
