"""Owns the bounded story of a run: events keep head and tail, totals stay exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from grader.trace.model import Event, Total

_ROOM = 16 << 20
"""Characters that the kept events may hold in all: data, names, arguments."""


class EventLog:
    """Collects events in order. keep: how many are kept, half of them from the start; fewer, if
    they hold more than `room` characters.

    sink, if given, sees every event as it happens.
    """

    def __init__(
        self, keep: int, sink: Callable[[Event], None] | None = None, *, room: int = _ROOM
    ) -> None:
        self._head: list[Event] = []
        self._head_most = max(1, keep // 2)
        self._head_room = self._tail_room = room // 2
        self._tail: deque[Event] = deque()
        self._tail_most = max(1, keep - self._head_most)
        self._totals: dict[tuple[str, str, str], list[int]] = {}
        self._sink = sink
        self.count = 0

    def append(self, event: Event) -> None:
        self.count += 1
        if event.object is not None and event.errno is None:
            total = self._totals.setdefault((event.process, event.object, event.event), [0, 0])
            total[0] += 1
            total[1] += event.bytes or 0
        size = _size(event)
        if not self._tail and len(self._head) < self._head_most and size <= self._head_room:
            self._head.append(event)
            self._head_room -= size
        else:
            self._tail.append(event)
            self._tail_room -= size
            while len(self._tail) > self._tail_most or (
                self._tail_room < 0 and len(self._tail) > 1
            ):
                self._tail_room += _size(self._tail.popleft())
        if self._sink is not None:
            self._sink(event)

    @property
    def events(self) -> list[Event]:
        """What was kept, in order."""
        return [*self._head, *self._tail]

    @property
    def dropped(self) -> int:
        """How many events between head and tail were not kept."""
        return self.count - len(self._head) - len(self._tail)

    @property
    def totals(self) -> list[Total]:
        return [
            Total(process=process, object=object_id, event=event, count=count, bytes=moved)
            for (process, object_id, event), (count, moved) in self._totals.items()
        ]


def _size(event: Event) -> int:
    """Characters in what a program can make long."""
    size = len(event.data or "") + len(event.object or "")
    for value in event.args.values():
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, list):
            size += sum(len(part) for part in value if isinstance(part, str))
    return size
