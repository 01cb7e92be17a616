"""The System V queue calls of one tracee, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording


@pytest.fixture
def events(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> list[Event]:
    recording = traced([compiled("msg_calls")])
    return [event for event in recording.events if event.family == "msg"]


def test_every_queue_call_is_an_event_in_order(events: list[Event]) -> None:
    assert [(event.event, event.errno) for event in events] == [
        ("msg.open", "ENOENT"),
        ("msg.open", None),
        ("msg.open", "EEXIST"),
        ("msg.open", None),
        ("msg.send", None),
        ("msg.send", None),
        ("msg.send", "EFAULT"),
        ("msg.stat", None),
        ("msg.change", None),
        ("msg.receive", "ENOMSG"),
        ("msg.receive", "E2BIG"),
        ("msg.receive", None),
        ("msg.receive", None),
        ("msg.remove", None),
        ("msg.send", "EINVAL"),
        ("msg.open", None),
        ("msg.remove", None),
    ]


def test_only_the_call_that_made_the_queue_created_it(events: list[Event]) -> None:
    opened = [event for event in events if event.event == "msg.open" and event.errno is None]
    assert [event.args["created"] for event in opened] == [True, False, True]
    assert [event.args["mode"] for event in opened] == ["0600", "0640", "0600"]
    assert opened[0].args["flags"] == ["IPC_CREAT", "IPC_EXCL"]


def test_a_queue_is_named_by_its_key_and_a_private_one_by_its_number(events: list[Event]) -> None:
    key = events[1].args["key"]
    assert {event.object for event in events[3:6]} == {f"msg:{key}"}
    assert events[-1].object == "msg#1"


def test_messages_tell_type_bytes_and_text(events: list[Event]) -> None:
    first, empty, unreadable = (event for event in events[4:7])
    assert (first.args["type"], first.bytes, first.data) == (7, 5, "hello")
    assert (empty.args["type"], empty.bytes, empty.args["flags"]) == (9, 0, ["IPC_NOWAIT"])
    assert (unreadable.args["type"], unreadable.bytes) == (None, None)
    cut, rest = (event for event in events[11:13])
    assert (cut.args["wanted"], cut.args["type"], cut.data) == (7, 7, "he")
    assert cut.args["flags"] == ["MSG_NOERROR"]
    assert rest.bytes == 0


def test_junk_in_upper_register_halves_changes_nothing(events: list[Event]) -> None:
    received, removed = events[12], events[13]
    assert (received.args["wanted"], received.args["type"]) == (-9, 9)
    assert received.args["flags"] == []
    assert (removed.event, removed.object) == ("msg.remove", events[1].object)


def test_the_status_tells_what_the_queue_holds(events: list[Event]) -> None:
    assert (events[7].args["messages"], events[7].args["held"]) == (2, 5)
    assert events[8].args["mode"] == "0640"


def test_the_object_knows_who_made_and_removed_it(
    compiled: Callable[..., Path], traced: Callable[..., Recording]
) -> None:
    recording = traced([compiled("msg_calls")])
    queues = [found for found in recording.objects if found.kind == "msg"]
    assert [(found.created_by, found.removed_by) for found in queues] == [("main", "main")] * 2
