"""Owns noticing, under `grade trace`, that nothing traced can go on. It changes nothing: somebody
from outside may still act."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator

from grader.kernel.decode.files import OPENING
from grader.kernel.decode.socket_waits import CONNECTION, DATAGRAM, NOTICE
from grader.kernel.observer import Observer
from grader.kernel.rows import GRADER
from grader.kernel.sock_diag import in_flight
from grader.kernel.stuck import standstill
from grader.trace.model import Outcome, Recording, Wait

_QUIET = 0.25
"""Seconds without an event after which it is asked whether anything can move."""


class Vigil:
    """Asked whenever the tracer was woken for nothing; tells of each standstill once.

    tell: gets a recording that holds the waits, and the objects they name.
    """

    def __init__(self, observer: Observer, tell: Callable[[Recording], None]) -> None:
        self._observer = observer
        self._tell = tell
        self._count = -1
        self._told = -1

    def look(self) -> None:
        """Whether nothing has happened since the last look, and nothing can."""
        before, self._count = self._count, self._observer.log.count
        if before != self._count or self._told == self._count:
            return
        still = standstill(self._observer)
        if still is None or not still.waits or any(map(from_outside, still.reachable)):
            return
        if in_flight():
            return
        if any(wait.needs.endswith(OPENING) and not self._makes(wait) for wait in still.waits):
            return
        self._told = self._count
        # Imported here: most commands never come so far.
        from grader.kernel import pyspy
        from grader.run.whereabouts import placed_in_python

        waits = list(still.waits)
        spy = pyspy.find()
        if spy is not None:
            waits = placed_in_python(self._observer, waits, spy)
            os.close(spy)
        objects = [found.frozen() for found in self._observer.objects.used()]
        self._tell(Recording(outcome=Outcome.DEADLOCK, waits=waits, objects=objects))

    def _makes(self, wait: Wait) -> bool:
        """Whether the programs make this FIFO themselves, if it is not there already: then they
        have it for themselves."""
        events = self._observer.log.events
        return any(e.event == "fifo.create" and e.object == wait.object for e in events)


def from_outside(wait: Wait) -> bool:
    """Whether it may well be that somebody who is not traced is to end it: a server waits for
    clients, a program for its user, for a signal or a message from another terminal."""
    if not wait.holders or GRADER in wait.holders or wait.needs in (CONNECTION, NOTICE):
        return True
    if wait.needs == DATAGRAM:  # to an address, not from the one at the other end
        return not any(holder.end for holder in wait.holders)
    # who has both ends of a FIFO open waits for one after another who opens it
    alone = all(holder.process == wait.process for holder in wait.holders)
    return alone and (wait.object or "").startswith("fifo:")


@contextlib.contextmanager
def interrupted(every: float = _QUIET) -> Iterator[None]:
    """A signal every so many seconds, which breaks off a wait for stops and does nothing else."""
    handler = signal.signal(signal.SIGALRM, lambda _number, _frame: None)
    signal.setitimer(signal.ITIMER_REAL, every, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
