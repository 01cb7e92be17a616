"""A program that waits in vain is a deadlock at once; with someone to end the wait it finishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Outcome, Recording

WAYS = {
    "receive": ("msgrcv", "msg:1234", "a message of type 2"),
    "send": ("msgsnd", "msg:1234", "room in the queue (4 messages, 16384 bytes in it)"),
    "named": ("futex", "sem:/gate", "a post"),
    "anonymous": ("futex", "shm#1", "a post or unlock at offset 0"),
    "mq": ("mq_timedreceive", "mq:/post", "a message"),
    "eventfd": ("read", "eventfd1", "a post"),
}


@pytest.mark.parametrize("way", WAYS)
def test_waiting_in_vain_is_proven(
    way: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), way)
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert (wait.call, wait.object, wait.needs) == WAYS[way]
    assert [holder.process for holder in wait.holders] == (["main"] if way == "eventfd" else [])


@pytest.mark.parametrize("way", [*WAYS, "semop", "semtimedop", "notified"])
def test_a_wait_that_a_helper_ends_is_no_deadlock(
    way: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), way, "helper")
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")


def test_semop_in_vain_names_the_semaphore_and_its_value(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), "semop")
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert wait.call in ("semop", "semtimedop")  # newer C libraries make one of the other
    assert wait.object == "sem:1234"
    assert wait.needs == "semaphore 1 to become at least 1 (it is 0)"


def test_semop_with_a_time_limit_is_never_a_deadlock(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), "semtimedop")
    assert recording.outcome is Outcome.FINISHED
    failed = [event.errno for event in recording.events if event.event == "sem.op"]
    assert failed == ["EAGAIN"]


def test_a_thread_that_waits_for_notices_of_a_queue_hides_no_deadlock(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), "notified")
    assert recording.outcome is Outcome.DEADLOCK
    waits = [(wait.thread, wait.call, wait.needs) for wait in recording.waits]
    assert waits == [
        (0, "read", "data or end of file"),
        (1, "recvfrom", "a notice of the kernel"),
    ]


def test_a_cycle_over_two_mechanisms_names_both_sides(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), "mixed")
    assert recording.outcome is Outcome.DEADLOCK
    parent, child = recording.waits
    assert (parent.process, parent.object) == ("main", "sem:1234")
    assert [holder.process for holder in parent.holders] == ["main.1"]
    assert (child.process, child.object) == ("main.1", "pipe1")
    assert [holder.process for holder in child.holders] == ["main"]


def test_threads_that_lock_in_opposite_order_name_each_other(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("futex_threads"))
    assert recording.outcome is Outcome.DEADLOCK
    assert [(wait.thread, wait.needs) for wait in recording.waits] == [
        (0, "a lock that thread 1 holds"),
        (1, "a lock that the main thread holds"),
    ]


def test_what_is_left_bears_the_name_that_events_use(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_ipc"), "named", "helper")
    left = {(item.kind, item.id) for item in recording.residue}
    assert left == {("msg", "msg:1234"), ("sem", "sem:1234"), ("sem", "sem:/gate")}
