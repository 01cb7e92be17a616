"""Owns the one place where the tracer sleeps: for stops of tracees and for descriptors at once."""

from __future__ import annotations

import os
import select
import signal

from grader.kernel.libc import signal_descriptor


class Waiter:
    """Waits for SIGCHLD (a stop or an exit of a tracee) and for readable descriptors.

    SIGCHLD stays blocked in the calling thread, so none is lost between a look and a sleep.
    """

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        self._signals = signal_descriptor(1 << (signal.SIGCHLD - 1))
        self._poll = select.epoll()
        self._poll.register(self._signals, select.EPOLLIN)

    def watch(self, descriptor: int, events: int = select.EPOLLIN) -> None:
        self._poll.register(descriptor, events)

    def rewatch(self, descriptor: int, events: int) -> None:
        self._poll.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)

    def wait(self, seconds: float | None) -> list[tuple[int, int]]:
        """Descriptors that are ready, with their events; empty after a stop or the time."""
        ready = self._poll.poll(seconds)
        others: list[tuple[int, int]] = []
        for descriptor, events in ready:
            if descriptor == self._signals:
                os.read(self._signals, 128)
            else:
                others.append((descriptor, events))
        return others

    def close(self) -> None:
        self._poll.close()
        os.close(self._signals)
