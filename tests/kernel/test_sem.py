"""The System V semaphore calls of one tracee, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording


@pytest.fixture
def events(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> list[Event]:
    recording = traced([compiled("sem_calls")])
    return [event for event in recording.events if event.family == "sem"]


def test_every_semaphore_call_is_an_event_in_order(events: list[Event]) -> None:
    assert [(event.process, event.event, event.errno) for event in events] == [
        ("main", "sem.open", None),
        ("main", "sem.set", None),
        ("main", "sem.set", None),
        ("main", "sem.op", None),
        ("main", "sem.op", "EAGAIN"),
        ("main", "sem.op", "EAGAIN"),
        ("main.1", "sem.op", None),
        ("main.1", "sem.undo", None),
        ("main", "sem.get", None),
        ("main", "sem.get", None),
        ("main", "sem.get", None),
        ("main", "sem.get", None),
        ("main", "sem.get", "EINVAL"),
        ("main", "sem.remove", None),
        ("main", "sem.op", "EINVAL"),
    ]


def test_operations_tell_what_was_asked_and_the_values_after(events: list[Event]) -> None:
    both = events[3]
    assert both.args["operations"] == ["0:-1", "1:+1"]
    assert both.args["values"] == [7, 4]
    for_zero = events[4]
    assert for_zero.args["operations"] == ["0:0"]
    assert for_zero.args["flags"] == ["IPC_NOWAIT"]
    assert "values" not in for_zero.args


def test_setting_values_tells_the_whole_set(events: list[Event]) -> None:
    assert events[0].args["nsems"] == 2
    assert (events[1].args["command"], events[1].args["values"]) == ("SETALL", [8, 0])
    assert (events[2].args["value"], events[2].args["values"]) == (3, [8, 3])


def test_a_timed_wait_tells_how_long_it_was(events: list[Event]) -> None:
    assert events[5].blocked_us >= 1000


def test_undo_at_exit_is_told_before_others_see_the_value(events: list[Event]) -> None:
    taken, given_back, seen = events[6], events[7], events[8]
    assert (taken.args["flags"], taken.args["values"]) == (["SEM_UNDO"], [5, 4])
    assert (given_back.call, given_back.args["operations"]) == ("exit", ["0:+2"])
    assert seen.args["value"] == 7


def test_questions_tell_their_answers(events: list[Event]) -> None:
    assert events[9].args["values"] == [7, 4]
    assert (events[10].args["command"], events[10].target) == ("GETPID", "main.1")
    assert events[11].args["value"] == 0
