"""Owns one piece of work and the local pool that does it: the only place that knows how work is
spread. A pool is any `concurrent.futures.Executor`; items and results are plain picklable data and
name no file of this machine, so the executor of a cluster can take the local one's place.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

import msgspec

from grader.course.model import LoadedAssignment, LoadedCourse
from grader.grade import Machinery, grade
from grader.outcome import Report
from grader.run import scenario
from grader.run.lifeline import die_with_parent
from grader.run.spec import Isolation, RunSpec
from grader.run.submission import Submission
from grader.trace.model import Recording


class Item(msgspec.Struct, frozen=True):
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
    return map(scenario.run, specs)


def local_pool(jobs: int) -> Executor:
    """So many worker processes of this machine, each with a single thread.

    They are spawned, not forked: a fork would take along the threads of a pool, and a fork server
    is kept alive by its own workers when we are killed.
    """
    # a new interpreter would look for modules in the current folder first: that may be the one with
    # the submissions, and one of them may be called multiprocessing.py
    os.environ["PYTHONSAFEPATH"] = "1"
    context = multiprocessing.get_context("spawn")
    return _LocalPool(jobs, mp_context=context, initializer=_begin)


class _LocalPool(ProcessPoolExecutor):
    """Its workers never hear of Ctrl-C, not even before they can choose to: they are spawned as
    work comes, and inherit what is blocked."""

    def submit(self, *arguments: Any, **named: Any) -> Future[Any]:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*arguments, **named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    gc.freeze()  # what is imported stays: no collection has to walk it again
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the results decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    die_with_parent()
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os._exit(1)  # it ended before we could ask
