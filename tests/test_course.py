"""The shipped course: every stub, reference, variant and wrong program is an item of its own.

`pytest -k pipe` takes those of one assignment, `-k wrong` all that are wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from grader.batch.verify import Sample, hold, item, lacking, of_course
from grader.batch.work import grade_item, local_pool
from grader.course.load import load_assignment, load_course
from grader.course.model import LoadedAssignment

COURSE = load_course(Path(__file__).parents[1])
ASSIGNMENTS = [load_assignment(COURSE, id) for id in COURSE.data.assignments]
SAMPLES = of_course(COURSE, ASSIGNMENTS)


@pytest.fixture(scope="module")
def worker() -> Iterator[Executor]:
    """As `grade verify` grades them, and far smaller than a process of pytest: it is forked three
    times for each run."""
    with local_pool(1) as pool:
        yield pool


@pytest.mark.timeout(300)  # a large assignment on a busy machine; each run has its own limits
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_program_of_the_course_is_judged_as_declared(sample: Sample, worker: Executor) -> None:
    task = item(COURSE, sample, seed=secrets.randbelow(1 << 31))
    report = worker.submit(grade_item, task).result()
    assert hold(sample, report).faults == (), f"with seed {report.seed}"


def test_nothing_is_lacking() -> None:
    assert list(lacking(COURSE, SAMPLES)) == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.id)
def test_points_sum_to_ten(assignment: LoadedAssignment) -> None:
    assert assignment.data.max_score == pytest.approx(10)
