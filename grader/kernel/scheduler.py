"""Owns the one choice of which stopped tracee is handled and resumed next."""

from __future__ import annotations

from collections import deque
from typing import Protocol

Stop = tuple[int, int]
"""TID and wait status, as waitpid(2) reports them."""


class Scheduler(Protocol):
    """Orders the stops that are waiting. Schedule exploration stands on this seam.

    wants_all: False if the order of arrival is all it goes by, so that a stop may be handled
    before the kernel was asked for the others.
    """

    wants_all: bool

    def add(self, stop: Stop) -> None:
        """A tracee has stopped."""

    def next(self) -> Stop | None:
        """The stop to handle now; None if none is waiting."""

    def __bool__(self) -> bool:
        """Whether any stop is waiting."""


class FirstComeFirstServed:
    """Stops are handled in the order in which the kernel reported them."""

    wants_all = False

    def __init__(self) -> None:
        self._waiting: deque[Stop] = deque()

    def add(self, stop: Stop) -> None:
        self._waiting.append(stop)

    def next(self) -> Stop | None:
        return self._waiting.popleft() if self._waiting else None

    def __bool__(self) -> bool:
        return bool(self._waiting)
