"""The POSIX queue calls of one tracee, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording


@pytest.fixture
def events(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> list[Event]:
    recording = traced([compiled("mq_calls")])
    return [event for event in recording.events if event.family == "mq"]


def test_every_queue_call_is_an_event_in_order(events: list[Event]) -> None:
    assert [(event.event, event.errno) for event in events] == [
        ("mq.open", "ENOENT"),
        ("mq.open", None),
        ("mq.open", None),
        ("mq.notify", None),
        ("mq.notify", None),
        ("mq.send", None),
        ("mq.send", None),
        ("mq.send", "ETIMEDOUT"),
        ("mq.stat", None),
        ("mq.receive", None),
        ("mq.receive", "EMSGSIZE"),
        ("mq.close", None),
        ("mq.remove", None),
        ("mq.remove", "ENOENT"),
        ("mq.close", None),
    ]


def test_both_descriptors_lead_to_one_queue_that_the_first_call_made(events: list[Event]) -> None:
    first, second = events[1], events[2]
    assert first.object == second.object == f"mq:{first.args['name']}"
    assert (first.args["created"], second.args["created"]) == (True, False)
    assert (first.args["mode"], first.args["maxmsg"], first.args["msgsize"]) == ("0600", 2, 64)


def test_messages_tell_priority_and_text(events: list[Event]) -> None:
    urgent, plain, refused = events[5], events[6], events[7]
    assert (urgent.args["priority"], urgent.bytes, urgent.data) == (9, 6, "urgent")
    assert (plain.args["priority"], plain.data) == (0, "plain")
    assert (refused.bytes, refused.args["size"]) == (None, 12)
    received = events[9]
    assert (received.args["priority"], received.data) == (9, "urgent")


def test_notification_and_status_in_words(events: list[Event]) -> None:
    assert events[3].args == {"by": "signal", "signal": "SIGUSR1"}
    assert events[4].args == {"by": "nothing"}
    assert events[8].args["messages"] == 2
