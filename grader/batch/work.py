"""Owns one piece of work and the local pool that does it: the only place that knows how work is
spread. A pool is any `concurrent.futures.Executor`; items and results are plain picklable data and
name no file of this machine, so the executor of a cluster can take the local one's place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.model import LoadedAssignment, LoadedCourse
from grader.grade import Machinery, grade
from grader.outcome import Report
from grader.run import scenario
from grader.run.lifeline import die_with_parent
from grader.run.spec import Isolation, RunSpec
from grader.run.submission import Submission
from grader.trace.model import Outcome, Recording

_PRESSURE = Path("/proc/pressure/cpu")
_BUSY = 0.25
"""Share of a run's time in which somebody waited for a CPU: the machine had more to do than it
could, and the wall clock says little about the program."""


@dataclass(frozen=True, slots=True)
class Item:
    """One submission to grade. key: of the result in the store; isolation: the only tier that will
    do, None for the strongest that works."""

    student: str
    key: str
    course: LoadedCourse
    assignment: LoadedAssignment
    submission: Submission
    seed: int
    isolation: Isolation | None = None


def grade_item(item: Item) -> Report:
    """Grade one submission; runs in a worker."""
    return grade(
        item.course,
        item.assignment,
        item.submission,
        seed=item.seed,
        isolation=item.isolation,
        machinery=Machinery(run=_one_by_one),
    )


def _one_by_one(specs: Sequence[RunSpec]) -> Iterator[Recording]:
    """The other CPUs have submissions of their own."""
    return map(run_patiently, specs)


def run_patiently(spec: RunSpec) -> Recording:
    """A scenario's run; once more with more time where it was the machine that was slow.

    Only the wall limit depends on what else the machine does: all others count the program's own
    work. So a program that ran out of time on a busy machine is given up to a minute more.
    """
    before = _waited()
    started = time.monotonic()
    recording = scenario.run(spec)
    if recording.outcome is not Outcome.TIMEOUT or not _busy(before, time.monotonic() - started):
        return recording
    wall = min(spec.bounds.wall * 4, spec.bounds.wall + 60)
    return scenario.run(replace(spec, bounds=replace(spec.bounds, wall=wall)))


def _busy(before: float | None, seconds: float) -> bool:
    after = _waited()
    if before is None or after is None:  # a kernel without pressure information
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    return after - before > _BUSY * seconds


def _waited() -> float | None:
    """Seconds in which some task waited for a CPU (Documentation/accounting/psi.rst)."""
    try:
        some = _PRESSURE.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
    return int(some.rpartition("total=")[2]) / 1e6


def local_pool(jobs: int) -> Executor:
    """So many worker processes of this machine, each with a single thread.

    They are spawned, not forked: a fork would take along the threads of a pool, and a fork server
    is kept alive by its own workers when we are killed.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the results decides
    die_with_parent()
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os._exit(1)  # it ended before we could ask
