"""Owns which events are questions that came back empty-handed: a row of them is busy waiting."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from grader.trace.model import Event

_NOT_NOW = frozenset(("EAGAIN", "EWOULDBLOCK", "ENOMSG", "EBUSY", "ETIMEDOUT", "EINPROGRESS"))
_QUESTIONS = ("msg.stat", "shm.stat", "sem.stat", "mq.stat", "sem.get", "lock.test")
"""Calls that only look."""


def longest_in_vain(events: Iterable[Event]) -> list[Event]:
    """The longest row of such events of one thread, nothing else between them."""
    rows = (list(row) for vain, row in groupby(events, key=_in_vain) if vain)
    return max(rows, key=len, default=[])


def _in_vain(event: Event) -> bool:
    """Whether the process learnt nothing but that it has to ask again."""
    match event.event:
        case "process.wait":
            return event.errno == "ECHILD" or (event.target is None and event.result == 0)
        case _ if event.errno is not None:
            return event.errno in _NOT_NOW
        case "time.wait":
            return event.result == 0
        case "time.sleep" | "time.yield":
            return True
        case "file.read":
            return event.bytes == 0
        case name:
            return name in _QUESTIONS
