"""shm_open, memfd, anonymous sharing, named semaphores and eventfd of one tracee, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording


@pytest.fixture
def recording(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Recording:
    return traced([compiled("posix_memory_calls")])


def _story(recording: Recording, object_id: str) -> list[tuple[str, str]]:
    return [(event.process, event.event) for event in recording.events if event.object == object_id]


def _of(recording: Recording, kind: str, name: str) -> list[Event]:
    return [event for event in recording.events if event.object == f"{kind}:{name}"]


def _name(recording: Recording) -> str:
    return str(next(e.args["name"] for e in recording.events if e.event == "shm.open"))


def test_a_posix_segment_from_open_to_unlink(recording: Recording) -> None:
    events = _of(recording, "shm", _name(recording))
    assert [event.event for event in events] == [
        "shm.open",
        "shm.resize",
        "shm.map",
        "shm.write",
        "shm.unmap",
        "shm.unmap",
        "shm.remove",
    ]
    opened, resized, mapped, written, tail, head, removed = events
    assert (opened.args["created"], opened.args["mode"]) == (True, "0600")
    assert resized.args["size"] == 8192
    assert (mapped.args["access"], mapped.args["attached"]) == ("write", ["main"])
    assert written.data == "by write"
    assert (tail.args["size"], tail.args["attached"], tail.raw) == (4096, ["main"], bytes(4096))
    assert (head.args["size"], head.args["attached"]) == (4096, [])
    assert head.raw.rstrip(b"\0") == b"by write\0by memory"
    assert removed.errno is None


def test_failures_are_told_by_name(recording: Recording) -> None:
    failed = [(e.event, e.errno, e.args["name"]) for e in recording.events if e.errno == "ENOENT"]
    name = _name(recording)
    assert failed == [("shm.open", "ENOENT", name), ("shm.remove", "ENOENT", name)]


def test_a_memfd_is_shared_memory_that_each_exit_lets_go(recording: Recording) -> None:
    assert _story(recording, "memfd:scratch") == [
        ("main", "shm.open"),
        ("main", "shm.resize"),
        ("main", "shm.map"),
        ("main.1", "shm.unmap"),
        ("main.2", "shm.unmap"),
        ("main", "shm.unmap"),
    ]


def test_an_anonymous_shared_mapping_is_one_object_for_parent_and_child(
    recording: Recording,
) -> None:
    assert _story(recording, "shm#1") == [
        ("main", "shm.map"),
        ("main.1", "shm.unmap"),
        ("main", "shm.unmap"),
    ]
    left = [e for e in recording.events if e.object == "shm#1"][-1]
    assert left.raw.rstrip(b"\0") == b"child was here"


def test_private_mappings_are_no_events(recording: Recording) -> None:
    mapped = [event.object for event in recording.events if event.event == "shm.map"]
    assert mapped == [f"shm:{_name(recording)}", "memfd:scratch", "shm#1"]


def test_a_named_semaphore_is_seen_where_it_enters_the_kernel(recording: Recording) -> None:
    events = _of(recording, "sem", _name(recording))
    assert sorted((event.process, event.event) for event in events) == [
        ("main", "sem.close"),
        ("main", "sem.open"),
        ("main", "sem.post"),
        ("main", "sem.remove"),
        ("main.2", "sem.wait"),
    ]
    told = {event.event: event for event in events}
    assert (told["sem.open"].args["created"], told["sem.open"].args["value"]) == (True, 0)
    assert told["sem.post"].args["woken"] == 1


def test_an_eventfd_counts(recording: Recording) -> None:
    events = [event for event in recording.events if event.object == "eventfd1"]
    assert [(event.event, event.args.get("value"), event.errno) for event in events] == [
        ("sem.open", 2, None),
        ("sem.post", 5, None),
        ("sem.wait", 7, None),
        ("sem.wait", None, "EAGAIN"),
    ]
    assert events[0].args["flags"] == ["EFD_NONBLOCK"]
