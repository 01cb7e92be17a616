"""Second tries, pools that break, interruption: the right submission is blamed, none is lost."""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch.spread import Graded, Spreader
from grader.batch.ungraded import not_graded
from grader.batch.work import Item, local_pool
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.outcome import Report, Verdict
from grader.run.spec import Tree
from grader.run.submission import Submission
from tests.batch.made import item
from tests.report.samples import report

Items = Callable[..., list[Item]]


@pytest.fixture
def items(course: LoadedCourse, pipe: LoadedAssignment) -> Items:
    return lambda *students: [item(course, pipe, student) for student in students]


def two_threads() -> Executor:
    return ThreadPoolExecutor(2)


def outcome(graded: list[Graded]) -> dict[str, tuple[str, int]]:
    return {one.item.student: (one.report.verdict.value, one.tries) for one in graded}


def fine(item: Item) -> Report:
    return report()


def test_all_items_come_back_and_few_are_taken_ahead(items: Items) -> None:
    taken: list[str] = []

    def watched() -> Iterator[Item]:
        for one in items(*"abcdefgh"):
            taken.append(one.student)
            yield one

    spreader = Spreader(two_threads, at_once=3, work=fine)
    done: list[str] = []
    for graded in spreader.grade(watched()):
        done.append(graded.item.student)
        assert len(taken) - len(done) <= 3
    assert sorted(done) == [*"abcdefgh"]


def test_an_infrastructure_error_is_tried_once_more(items: Items) -> None:
    tries: Counter[str] = Counter()

    def work(item: Item) -> Report:
        tries[item.student] += 1
        if item.student == "never" or (item.student == "late" and tries["late"] == 1):
            return not_graded(item.assignment, "no namespaces", seed=1)
        return report()

    graded = [*Spreader(two_threads, at_once=2, work=work).grade(items("a", "late", "never", "b"))]
    assert outcome(graded) == {
        "a": ("failed", 1),
        "late": ("failed", 2),
        "never": ("error", 2),
        "b": ("failed", 1),
    }
    assert [one.report.score for one in graded if one.item.student == "never"] == [None]


def test_a_defect_of_the_grader_stops_only_its_submission(items: Items) -> None:
    def work(item: Item) -> Report:
        if item.student == "odd":
            raise KeyError("surprise")
        return report()

    graded = [*Spreader(two_threads, at_once=2, work=work).grade(items("a", "odd", "b"))]
    assert outcome(graded) == {"a": ("failed", 1), "odd": ("error", 2), "b": ("failed", 1)}
    [told] = [one.report.error for one in graded if one.item.student == "odd"]
    assert told is not None
    assert "KeyError: 'surprise'" in told


def die_or_grade(item: Item) -> Report:
    """In a worker process."""
    if item.student.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    return report()


def test_a_worker_that_dies_is_blamed_on_the_submission_that_kills_it(items: Items) -> None:
    everybody = items("a", "b", "deadly", "c", "d", "e")
    spreader = Spreader(lambda: local_pool(1), at_once=4, work=die_or_grade)
    graded = outcome([*spreader.grade(everybody)])
    assert graded.pop("deadly") == ("error", 2)
    assert set(graded) == {*"abcde"}
    assert {verdict for verdict, _tries in graded.values()} == {"failed"}


class BreaksAtOnce(Executor):
    """An executor that breaks when it is first handed something."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        raise BrokenExecutor


def test_a_pool_that_is_broken_from_the_start_is_replaced(items: Items) -> None:
    pools: list[Executor] = [two_threads(), BreaksAtOnce()]
    spreader = Spreader(pools.pop, at_once=2, work=fine)
    assert len([*spreader.grade(items("a", "b"))]) == 2


class Elsewhere(Executor):
    """As of a cluster: work and results go through pickle, and no file of ours is there."""

    def __init__(self, ours: Path) -> None:
        self._ours = ours

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        sent = pickle.dumps((fn, args, kwargs))
        away = self._ours.rename(self._ours.with_name("away"))
        work, arguments, named = pickle.loads(sent)
        done: Future[Any] = Future()
        done.set_result(pickle.loads(pickle.dumps(work(*arguments, **named))))
        away.rename(self._ours)
        return done


def test_a_foreign_executor_grades_without_our_files(
    folder: Path, course: LoadedCourse, pipe: LoadedAssignment
) -> None:
    """The same reports from a pool that is nothing but a `concurrent.futures.Executor`."""
    trees = {"ana": "print('hi')\n", "ben": "pass\n"}
    work = [
        msgspec.structs.replace(
            item(course, pipe, student),
            submission=Submission(
                language="python",
                place=Path(student),
                tree=Tree({"hello.py": (text.encode(), False)}),
            ),
        )
        for student, text in trees.items()
    ]
    graded = [*Spreader(lambda: Elsewhere(folder), at_once=2).grade(work)]
    assert {one.item.student: one.report.score for one in graded} == {"ana": 4.0, "ben": 3.0}


def test_after_a_stop_nothing_is_begun_and_what_runs_is_kept(items: Items) -> None:
    spreader = Spreader(lambda: ThreadPoolExecutor(1), at_once=1, work=fine)
    done: list[str] = []
    for graded in spreader.grade(items(*"abcdef")):
        done.append(graded.item.student)
        if len(done) == 2:
            spreader.stop()
    assert done == ["a", "b"]


def test_a_stop_does_not_wait_for_second_tries(items: Items) -> None:
    def work(item: Item) -> Report:
        spreader.stop()
        return not_graded(item.assignment, "no namespaces", seed=1)

    spreader = Spreader(lambda: ThreadPoolExecutor(1), at_once=1, work=work)
    [graded] = spreader.grade(items("a", "b"))
    assert (graded.report.verdict, graded.tries) == (Verdict.ERROR, 1)
