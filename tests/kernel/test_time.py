"""Sleeps, and waits for one of several descriptors, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording

Watch = Callable[[str], list[Event]]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Watch:
    """watch("polls"): the time.* events of this group of calls."""

    def events_of(group: str) -> list[Event]:
        recording = traced([compiled("time_calls"), group])
        return [event for event in recording.events if event.family == "time"]

    return events_of


def test_sleeps_tell_how_long_they_were_meant_to_be(watch: Watch) -> None:
    events = watch("sleeps")
    soon = events.pop(3)  # until a moment 20 ms from then, at the most
    assert soon.args["absolute"] is True and soon.args["ms"] in range(21)
    assert [(e.event, e.args, e.errno) for e in events] == [
        ("time.sleep", {"ms": 3}, None),
        ("time.sleep", {"ms": 3}, None),
        ("time.sleep", {"ms": 0, "absolute": True}, None),  # a moment of long ago
        ("time.sleep", {}, "EFAULT"),
        ("time.sleep", {"ms": 3}, None),  # poll without any descriptor
        ("time.sleep", {"ms": 4}, None),  # select likewise
        ("time.yield", {}, None),
    ]
    assert events[0].blocked_us >= 2500


def told(events: list[Event]) -> list[tuple[object, object, object, int | str | None]]:
    """Descriptors, time limit, what was ready, result."""
    return [
        (
            e.args["descriptors"],
            e.args.get("timeout_ms"),
            e.args.get("ready"),
            e.errno or e.result,
        )
        for e in events
        if e.event == "time.wait"
    ]


def test_poll_tells_what_it_waits_for_and_what_was_ready(watch: Watch) -> None:
    assert told(watch("polls")) == [
        (["3:pipe1"], 0, [], 0),
        (["3:pipe1", "5:pipe2"], None, ["5:pipe2"], 1),
        (["3:pipe1", "5:pipe2"], 1500, ["5:pipe2"], 1),
        (["3:pipe1"], 0, [], 0),
        ([], None, None, "EFAULT"),
    ]


def test_select_tells_the_members_of_its_sets(watch: Watch) -> None:
    assert told(watch("selects")) == [
        (["3:pipe1"], 0, [], 0),
        (["3:pipe1", "4:pipe1", "5:pipe2"], None, ["4:pipe1", "5:pipe2"], 2),
        (["3:pipe1", "5:pipe2"], 2000, ["5:pipe2"], 1),
    ]


def test_epoll_tells_what_the_kernel_watches_for_it(watch: Watch) -> None:
    first, second, third, refused = told(watch("epolls"))
    assert first == (["3:pipe1"], 0, [], 0)
    watched, limit, ready, result = second
    assert isinstance(watched, list)
    assert (sorted(watched), limit) == (["3:pipe1", "5:pipe2"], None)
    assert (ready, result) == (["5:pipe2"], 1)
    assert isinstance(third[2], list)
    assert sorted(third[2]) == ["3:pipe1", "5:pipe2"]
    assert refused == ([], 0, None, "EINVAL")
