"""Owns how items pass through a pool: as many at a time as it can take, a second try for what the
grader could not do, and a pool that broke replaced without blaming the wrong submission."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

import msgspec

from grader.batch.ungraded import not_graded
from grader.batch.work import Item, grade_item
from grader.outcome import Report, Verdict

TRIES = 2


class Graded(msgspec.Struct, frozen=True):
    """One item's result. tries: how often it was graded; 2 after an infrastructure error."""

    item: Item
    report: Report
    tries: int


class _Try(msgspec.Struct):
    item: Item
    number: int = 1


class Spreader:
    """Grades items with a pool, `at_once` of them handed out at any time."""

    def __init__(
        self,
        pool: Callable[[], Executor],
        *,
        at_once: int,
        work: Callable[[Item], Report] = grade_item,
    ) -> None:
        self._make_pool = pool
        self._at_once = at_once
        self._work = work
        self._stopped = False
        self._running: dict[Future[Report], _Try] = {}
        self._again: deque[_Try] = deque()
        self._lost: list[_Try] = []
        self._suspects: deque[_Try] = deque()
        """Were handed out when the pool broke: graded one at a time, so the guilty one shows."""

    def stop(self) -> None:
        """Begin nothing more, wait for what runs. A signal handler may call it."""
        self._stopped = True

    def grade(self, items: Iterable[Item]) -> Iterator[Graded]:
        """The results as they come; items are taken as there is room for them."""
        fresh = iter(items)
        executor = self._make_pool()
        try:
            while True:
                intact = self._fill(executor, fresh)
                if intact and not self._running:
                    return
                if intact:
                    yield from self._collect(wait(self._running, return_when=FIRST_COMPLETED).done)
                if self._lost or not intact:
                    executor.shutdown(wait=True)
                    yield from self._collect(self._running)
                    yield from self._suspect()
                    executor = self._make_pool()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _fill(self, executor: Executor, fresh: Iterator[Item]) -> bool:
        """Hand out work while there is room; False if the pool turns out to be broken."""
        if self._stopped:
            for future in self._running:
                future.cancel()
            return True
        while len(self._running) < (1 if self._suspects else self._at_once):
            attempt = self._next(fresh)
            if attempt is None:
                break
            try:
                self._running[executor.submit(self._work, attempt.item)] = attempt
            except BrokenExecutor:
                self._again.appendleft(attempt)
                return False
        return True

    def _next(self, fresh: Iterator[Item]) -> _Try | None:
        if self._suspects:
            return self._suspects.popleft()
        if self._again:
            return self._again.popleft()
        item = next(fresh, None)
        return None if item is None else _Try(item)

    def _collect(self, done: Iterable[Future[Report]]) -> Iterator[Graded]:
        for future in list(done):
            attempt = self._running.pop(future)
            if future.cancelled():
                continue
            error = future.exception()
            if isinstance(error, BrokenExecutor):
                self._lost.append(attempt)
                continue
            report = future.result() if error is None else _defect(attempt.item, error)
            yield from self._judged(attempt, report)

    def _judged(self, attempt: _Try, report: Report) -> Iterator[Graded]:
        """The result, unless there is a second try."""
        if report.verdict is Verdict.ERROR and attempt.number < TRIES and not self._stopped:
            self._again.append(_Try(attempt.item, attempt.number + 1))
        else:
            yield Graded(attempt.item, report, attempt.number)

    def _suspect(self) -> Iterator[Graded]:
        """When a worker dies, all others lose theirs too: only one that was alone is to blame."""
        lost, self._lost = self._lost, []
        if len(lost) > 1:
            self._suspects.extend(lost)
            return
        for attempt in lost:
            item = attempt.item
            told = "the worker that graded it died"
            yield from self._judged(attempt, not_graded(item.assignment, told, seed=item.seed))


def _defect(item: Item, error: BaseException) -> Report:
    told = "".join(traceback.format_exception(error, limit=-3)).rstrip()
    return not_graded(item.assignment, f"a defect of the grader: {told}", seed=item.seed)
