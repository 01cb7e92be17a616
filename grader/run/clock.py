"""Owns the wall clock of a run, the one limit that depends on what else the machine does.

Time in which the run had something to do and the machine gave it no CPU is not the program's: it
is added to the limit, so the verdict on a loaded machine is the one on an idle machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from grader.kernel import proc

Schedule = Callable[[int], "proc.Schedule | None"]

_BORN = proc.Schedule(0.0, 0.0)


def patience(wall: float) -> float:
    """How many seconds a loaded machine may add to a wall limit of so many."""
    return min(3 * wall, 60.0)


class Clock:
    """wall: seconds. now, schedule: where the time and a thread's share of it come from."""

    def __init__(
        self,
        wall: float,
        *,
        now: Callable[[], float] = time.monotonic,
        schedule: Schedule = proc.schedule,
    ) -> None:
        self._now = now
        self._schedule = schedule
        self._last = now()
        self._end = self._last + wall
        self._patience = patience(wall)
        self._known: dict[int, proc.Schedule] = {}

    def look(self, tids: Iterable[int]) -> None:
        """Add what these threads (the run's own, and the supervisor's) waited in vain since the
        last look: the longest wait of one, less the time in which any of them ran."""
        now = self._now()
        ran = waited = 0.0
        known: dict[int, proc.Schedule] = {}
        for tid in tids:
            current = self._schedule(tid)
            if current is None:
                continue
            before = self._known.get(tid, _BORN)
            if current.ran < before.ran or current.waited < before.waited:
                before = _BORN  # another thread of the same number
            known[tid] = current
            ran += current.ran - before.ran
            waited = max(waited, current.waited - before.waited)
        starved = min(waited, now - self._last - ran, self._patience)
        if starved > 0:
            self._end += starved
            self._patience -= starved
        self._known = known
        self._last = now

    def left(self) -> float:
        """Seconds to the limit; 0 when it is reached."""
        return max(0.0, self._end - self._now())
