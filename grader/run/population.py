"""Owns the limit on processes and threads: those that live, and those that have ended and that
nobody waited for.

Who is on its way out when the run is full counts no more, but a busy machine and the kernel, which
tells of the youngest first, may keep it from getting there. So while a run is full its newborn wait
for their first instruction: either there is room again, or those who are there mean to stay.
"""

from __future__ import annotations

from grader.kernel import proc
from grader.kernel.lives import is_zombie
from grader.kernel.observer import Observer
from grader.kernel.stuck import asleep
from grader.kernel.tracee import Proc

_ON_ITS_WAY_US = 10_000
"""Microseconds of its own CPU time in which a process that means to end has ended."""


class Population:
    """Asked after every turn, so it counts closely only what may be too many."""

    def __init__(self, most: int, observer: Observer) -> None:
        self._most = most
        self._observer = observer
        self._unsettled: list[Proc] = []
        """Processes that live, or are zombies as far as was known when they were last counted."""
        self._zombies = self._ended = self._seen = 0
        self._used_us: dict[int, int] = {}
        """CPU time by PID when the run became full."""

    def exceeded(self, *, look_closely: bool) -> bool:
        """Whether there are more than may be. look_closely: also see whether those who are there
        mean to stay; to be asked now and then, without it only the fast makers are found."""
        if self._count() <= self._most:
            self._observer.let_newborn_begin()
            return False
        newborn = self._observer.newborn
        if newborn is None:
            self._observer.newborn = {}
            self._used_us = {each.pid: proc.cpu_us(each.pid) for each in self._observer.live()}
            return False
        if len(newborn) > self._most // 2:
            return True
        return look_closely and all(self._stays(each) for each in self._observer.live())

    def _count(self) -> int:
        known = self._observer
        threads = len(known.tasks) - 1  # PID 1 is ours
        ended = len(known.processes) - len(known.alive)
        at_most = threads + self._zombies + ended - self._ended
        if at_most <= self._most:
            return at_most
        self._unsettled += known.processes[self._seen :]
        self._unsettled = [each for each in self._unsettled if each.alive or is_zombie(known, each)]
        self._seen, self._ended = len(known.processes), ended
        self._zombies = sum(not each.alive for each in self._unsettled)
        return threads + self._zombies - sum(task.exiting for task in known.tasks.values())

    def _stays(self, process: Proc) -> bool:
        """Whether all threads that have begun sleep, or have had time enough to end."""
        newborn = self._observer.newborn or {}
        begun = [t for t in process.tasks.values() if t.tid not in newborn and not t.exiting]
        used = proc.cpu_us(process.pid) - self._used_us.get(process.pid, 0)
        return used > _ON_ITS_WAY_US or not begun or asleep(self._observer, begun)
