"""Results and items made by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.batch.store import Result, result
from grader.batch.summary import outcome_of
from grader.batch.work import Item
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.outcome import Report
from grader.run.spec import Tree
from grader.run.submission import Submission
from tests.report.samples import report


def row(student: str, made: Report | None = None, *, assignment: str = "pipe") -> Result:
    """The result of a student; the sample report fails with 2 of 4.5 points, stuck."""
    made = msgspec.structs.replace(made or report(), assignment=assignment)
    return result(student, f"key of {student}", outcome_of(made), made, tries=1)


def item(course: LoadedCourse, assignment: LoadedAssignment, student: str) -> Item:
    submission = Submission(language="python", place=Path(student), tree=Tree({}))
    return Item(student, "key", course, assignment, submission, seed=1)
