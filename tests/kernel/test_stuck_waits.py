"""Waiting in vain for a signal, a child or a descriptor is a deadlock at once; never where a timer
or another process ends the wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Outcome, Recording

Way = Callable[..., Recording]


@pytest.fixture
def way(compiled: Callable[..., Path], sandboxed: Callable[..., Recording]) -> Way:
    def run(*arguments: str) -> Recording:
        return sandboxed(compiled("stuck_waits"), *arguments)

    return run


DATA = "data or end of file"
ALONE = {
    "pause": ("pause", None, "a signal", []),
    "suspend": ("rt_sigsuspend", None, "a signal", []),
    "sigwait": ("rt_sigtimedwait", None, "SIGALRM", []),
    "signalfd": ("read", "signalfd1", "SIGALRM", []),
    "poll": ("poll", None, f"{DATA} on pipe1 or {DATA} on pipe2", ["main", "main"]),
    "select": ("pselect6", "pipe1", DATA, ["main"]),
    "epoll": ("epoll_wait", "pipe1", DATA, ["main"]),
    "nested-epoll": ("epoll_wait", "pipe1", DATA, ["main"]),
    "timerfd": ("read", "timerfd1", "its timer to be set", ["main"]),
    "after-alarm": ("pause", None, "a signal", []),
    "blocked-alarm": ("pause", None, "a signal", []),
}


@pytest.mark.parametrize("name", ALONE)
def test_waiting_in_vain_is_proven(name: str, way: Way) -> None:
    recording = way(name)
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    holders = [holder.process for holder in wait.holders]
    assert (wait.call, wait.object, wait.needs, holders) == ALONE[name]


@pytest.mark.parametrize(
    ("name", "help"),
    [(name, "timer") for name in ("suspend", "sigwait", "signalfd")]
    + [(name, "helper") for name in ("suspend", "sigwait", "signalfd", "poll", "select")]
    + [(name, "helper") for name in ("epoll", "nested-epoll")],
)
def test_a_wait_that_a_timer_or_a_process_ends_is_no_deadlock(
    name: str, help: str, way: Way
) -> None:
    recording = way(name, help)
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")
    assert [process.exit for process in recording.processes] == [0] * (1 + (help == "helper"))


@pytest.mark.parametrize(
    "name", ["limited", "by-timerfd", "by-posix-timer", "other-alarm", "over-exec"]
)
def test_time_limits_and_timers_of_every_kind_are_known(name: str, way: Way) -> None:
    assert way(name).outcome is Outcome.FINISHED


def test_a_stopped_child_that_nobody_continues_is_named(way: Way) -> None:
    recording = way("stopped")
    assert recording.outcome is Outcome.DEADLOCK
    parent, child = recording.waits
    assert (parent.needs, [h.process for h in parent.holders]) == ("exit of main.1", ["main.1"])
    assert (child.call, child.needs) == ("stopped", "SIGCONT")
    assert [holder.process for holder in child.holders] == ["main"]


@pytest.mark.parametrize(("name", "child"), [("orphan", "main.1.1"), ("one-of-two", "main.1")])
def test_who_waits_for_children_waits_for_those_it_has_and_names(
    name: str, child: str, way: Way
) -> None:
    recording = way(name)
    assert recording.outcome is Outcome.DEADLOCK
    parent = recording.waits[0]
    assert (parent.process, parent.needs) == ("main", f"exit of {child}")
    assert [holder.process for holder in parent.holders] == [child]


def test_a_process_whose_first_thread_has_ended_is_seen_as_before(way: Way) -> None:
    recording = way("without-first")
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert (wait.thread, wait.object, wait.needs) == (1, "pipe3", DATA)
    assert [(holder.process, holder.end) for holder in wait.holders] == [("main", "write")]
    moved = [e.event for e in recording.events if e.object == "pipe3" and e.thread == 1]
    assert moved == ["pipe.create", "pipe.write", "pipe.read"]


def test_polling_for_the_end_of_a_child_that_waits_itself_is_proven(way: Way) -> None:
    recording = way("pidfd")
    assert recording.outcome is Outcome.DEADLOCK
    parent, child = recording.waits
    assert (parent.call, parent.needs) == ("poll", "exit of main.1")
    assert [holder.process for holder in child.holders] == ["main"]


def test_a_vfork_child_that_never_lets_its_parent_go_is_named(way: Way) -> None:
    recording = way("vfork")
    assert recording.outcome is Outcome.DEADLOCK
    parent, child = recording.waits
    assert parent.needs == "exec or exit of its vfork child"
    assert [holder.process for holder in parent.holders] == ["main.1"]
    assert (child.call, child.needs) == ("pause", "a signal")
