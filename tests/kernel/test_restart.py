"""A call that a signal breaks off is told once: as one that went on, or as one that failed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Recording

Watch = Callable[[str], list[Event]]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Watch:
    def events_of(case: str) -> list[Event]:
        return traced([compiled("restart_calls"), case], stderr=subprocess.DEVNULL).events

    return events_of


def outcomes(events: list[Event], name: str, process: str = "main") -> list[int | str | None]:
    """Of a process's events of this name: the error or the result."""
    return [
        event.errno or event.result
        for event in events
        if (event.event, event.process) == (name, process)
    ]


def test_a_read_that_goes_on_after_the_handler_is_one_event(watch: Watch) -> None:
    events = watch("restarted")
    assert outcomes(events, "pipe.read") == [1]
    (read,) = (event for event in events if event.event == "pipe.read")
    (delivered,) = (event for event in events if event.args.get("action") == "handler")
    assert read.t_us - read.blocked_us < delivered.t_us < read.t_us


def test_without_sa_restart_the_read_fails_and_its_repetition_is_another(watch: Watch) -> None:
    assert outcomes(watch("failed"), "pipe.read") == ["EINTR", 1]


def test_a_handler_on_a_stack_of_its_own_makes_no_difference(watch: Watch) -> None:
    assert outcomes(watch("other-stack"), "pipe.read") == [1]


def test_a_jump_out_of_the_handler_leaves_the_read_behind(watch: Watch) -> None:
    assert outcomes(watch("jumped"), "pipe.read") == ["EINTR", 1]


def test_a_read_inside_a_handler_goes_on_too(watch: Watch) -> None:
    events = [event for event in watch("nested") if event.event == "pipe.read"]
    pipes = [event.object for event in events]
    assert [event.errno for event in events] == [None, None]
    assert pipes[0] != pipes[1]


def test_a_sleep_over_a_stop_is_one_event(watch: Watch) -> None:
    events = watch("stopped")
    assert outcomes(events, "time.sleep", "main.1") == [0]
    assert outcomes(events, "signal.stop", "main.1") == [None]
    assert outcomes(events, "signal.continue", "main.1") == [None]


def test_watching_lets_no_call_fail_for_a_signal_that_nobody_wants(watch: Watch) -> None:
    """semop and epoll_wait would go on without a tracer, which alone sees such a signal."""
    events = watch("discarded")
    assert outcomes(events, "sem.op") == [0]
    assert "SIGCHLD" in [event.args["signal"] for event in events if "action" in event.args]
    assert outcomes(watch("epoll"), "time.wait") == [1]


def test_a_handled_signal_does_break_semop_off(watch: Watch) -> None:
    assert outcomes(watch("handled"), "sem.op") == ["EINTR", 0]
