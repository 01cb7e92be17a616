"""The System V segment calls of one tracee, as events with the segment's contents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording


@pytest.fixture
def events(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> list[Event]:
    recording = traced([compiled("shm_calls")])
    return [event for event in recording.events if event.family == "shm"]


def _text(event: Event) -> bytes:
    return event.raw.partition(b"\0")[0]


def test_every_segment_call_and_every_implicit_detach_is_an_event(events: list[Event]) -> None:
    assert [(event.process, event.event, event.call, event.errno) for event in events] == [
        ("main", "shm.open", "shmget", "ENOENT"),
        ("main", "shm.open", "shmget", None),
        ("main", "shm.attach", "shmat", None),
        ("main.1", "shm.detach", "exit", None),
        ("main.2", "shm.detach", "execve", None),
        ("main", "shm.attach", "shmat", None),
        ("main", "shm.stat", "shmctl", None),
        ("main", "shm.detach", "shmdt", None),
        ("main", "shm.detach", "shmdt", "EINVAL"),
        ("main", "shm.remove", "shmctl", None),
        ("main", "shm.detach", "shmdt", None),
        ("main", "shm.attach", "shmat", "EINVAL"),
    ]


def test_what_the_segment_held_is_told_when_a_process_lets_go(events: list[Event]) -> None:
    assert [
        _text(event) for event in events if event.event == "shm.detach" and not event.errno
    ] == [
        b"from the child",
        b"from the child",
        b"from the child",
        b"last words",
    ]
    assert len(events[3].raw) == events[3].args["size"] == 4096


def test_who_is_attached_is_told_with_each_change(events: list[Event]) -> None:
    attached, left = events[2], events[3]
    assert (attached.args["attached"], attached.args["access"]) == (["main"], "write")
    assert left.args["attached"] == ["main"]
    assert events[9].args["writers"] == ["main"]
    assert events[10].args["attached"] == []


def test_junk_in_upper_register_halves_changes_nothing(events: list[Event]) -> None:
    looked = events[5]
    assert (looked.args["access"], looked.args["flags"]) == ("read", ["SHM_RDONLY"])
    assert looked.object == events[1].object


def test_the_status_tells_size_and_attachments(events: list[Event]) -> None:
    assert (events[6].args["bytes"], events[6].args["attached"]) == (4096, 2)
