"""Owns the bounded story of a run: events keep head and tail, totals stay exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from grader.trace.model import Event, Total


class EventLog:
    """Collects events in order. keep: how many are kept, half of them from the start.

    sink, if given, sees every event as it happens.
    """

    def __init__(self, keep: int, sink: Callable[[Event], None] | None = None) -> None:
        self._head: list[Event] = []
        self._head_room = max(1, keep // 2)
        self._tail: deque[Event] = deque(maxlen=max(1, keep - self._head_room))
        self._totals: dict[tuple[str, str, str], list[int]] = {}
        self._sink = sink
        self.count = 0

    def append(self, event: Event) -> None:
        self.count += 1
        if event.object is not None and event.errno is None:
            total = self._totals.setdefault((event.process, event.object, event.event), [0, 0])
            total[0] += 1
            total[1] += event.bytes or 0
        if len(self._head) < self._head_room:
            self._head.append(event)
        else:
            self._tail.append(event)
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
