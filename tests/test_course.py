"""The shipped course: every stub, reference, variant and wrong program is an item of its own.

`pytest -k pipe` takes those of one assignment, `-k wrong` all that are wrong.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from grader.batch.verify import Sample, hold, item, lacking, of_course
from grader.batch.work import grade_item
from grader.course.load import load_assignment, load_course
from grader.course.model import LoadedAssignment

COURSE = load_course(Path(__file__).parents[1])
ASSIGNMENTS = [load_assignment(COURSE, id) for id in COURSE.data.assignments]
SAMPLES = of_course(COURSE, ASSIGNMENTS)


@pytest.mark.timeout(300)  # a large assignment on a busy machine; each run has its own limits
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_program_of_the_course_is_judged_as_declared(sample: Sample) -> None:
    report = grade_item(item(COURSE, sample, seed=secrets.randbelow(1 << 31)))
    assert hold(sample, report).faults == (), f"with seed {report.seed}"


def test_nothing_is_lacking() -> None:
    assert list(lacking(COURSE, SAMPLES)) == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.id)
def test_points_sum_to_ten(assignment: LoadedAssignment) -> None:
    assert assignment.data.max_score == pytest.approx(10)
