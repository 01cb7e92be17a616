"""File locks of all three kinds: taken, tested, released, lost, and waited for in vain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Outcome, Recording

Watch = Callable[[str], list[Event]]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording], tmp_path: Path) -> Watch:
    """watch("flocks"): the locks of this group of calls, made in an empty folder."""
    work = tmp_path / "work"

    def group(name: str) -> list[Event]:
        work.mkdir()
        recording = traced([compiled("lock_calls"), name], cwd=work)
        return [event for event in recording.events if event.family == "lock"]

    return group


def test_flock_is_told_with_its_type_and_whether_it_waits(watch: Watch) -> None:
    events = watch("flocks")
    assert [(e.event, e.args.get("type"), e.args.get("wait"), e.errno) for e in events] == [
        ("lock.acquire", "shared", True, None),
        ("lock.acquire", "exclusive", False, "EAGAIN"),
        ("lock.acquire", "exclusive", True, None),
        ("lock.release", None, None, None),
        ("lock.acquire", "exclusive", True, None),
        ("lock.release", None, None, None),
        ("lock.acquire", "exclusive", True, "EBADF"),
        ("lock.acquire", "unknown", True, "EINVAL"),
    ]
    assert {e.object for e in events if e.errno != "EBADF"} == {"file:data"}
    assert {e.args["kind"] for e in events} == {"flock"}
    assert [e.call for e in events if e.event == "lock.release"] == ["flock", "close"]


def test_record_locks_are_told_with_their_bytes_from_the_start_of_the_file(watch: Watch) -> None:
    own = [e for e in watch("records") if e.process == "main"]
    assert [(e.event, e.args.get("range"), e.errno) for e in own] == [
        ("lock.acquire", [0, 4], None),
        ("lock.acquire", [7, 2], None),  # SEEK_CUR
        ("lock.acquire", [9, 1], None),  # SEEK_END, the byte before
        ("lock.release", [0, 4], None),
        ("lock.release", [0, 0], None),
        ("lock.acquire", [10, 5], None),  # lockf, from the position on
        ("lock.acquire", [0, 0], "EFAULT"),
        ("lock.release", None, None),
    ]
    assert [e.args.get("type") for e in own[:3]] == ["exclusive", "shared", "shared"]
    assert [e.args.get("wait") for e in own[:3]] == [False, True, False]
    assert own[-1].call == "exit"


def test_a_test_tells_whether_the_lock_is_free_and_whose_it_is(watch: Watch) -> None:
    taken, free, refused = (e for e in watch("records") if e.process == "main.1")
    assert (taken.event, taken.args["free"], taken.target) == ("lock.test", False, "main")
    assert (free.event, free.args["free"], free.target) == ("lock.test", True, None)
    assert (refused.event, refused.errno) == ("lock.acquire", "EAGAIN")


def test_locks_of_open_file_descriptions_conflict_within_one_process(watch: Watch) -> None:
    events = watch("descriptions")
    assert {e.args["kind"] for e in events} == {"ofd"}
    assert [(e.event, e.errno, e.args.get("free")) for e in events] == [
        ("lock.acquire", None, None),
        ("lock.acquire", "EAGAIN", None),
        ("lock.test", None, False),
        ("lock.release", None, None),
    ]


def test_locks_that_go_unasked_are_released_by_what_took_them(watch: Watch) -> None:
    lost = [e for e in watch("implicit") if e.event == "lock.release" and e.call != "fcntl"]
    assert [(e.process, e.object, e.args["kind"], e.call) for e in lost if e.call != "exit"] == [
        ("main", "file:data", "posix", "close"),  # of another descriptor of the file
        ("main.1", "file:own", "flock", "execve"),
    ]
    at_exit = {(e.process, e.object, e.args["kind"]) for e in lost if e.call == "exit"}
    assert ("main", "file:data", "posix") in at_exit
    assert "file:unused" not in {e.object for e in lost}


def test_a_lock_that_a_child_shares_stays_until_the_last_one_closes(watch: Watch) -> None:
    shared = [e for e in watch("implicit") if e.object == "file:shared"]
    assert [e.event for e in shared] == ["lock.acquire", "lock.release"]


def test_upper_register_halves_do_not_matter(watch: Watch) -> None:
    taken, released, record = watch("junk")[:3]
    assert (taken.event, taken.args["type"], taken.args["wait"]) == (
        "lock.acquire",
        "exclusive",
        False,
    )
    assert (released.event, released.fd) == ("lock.release", taken.fd)
    assert (record.event, record.args["kind"], record.errno) == ("lock.acquire", "posix", None)


WAITS = {
    "flock": ("flock", "a shared lock"),
    "posix": ("fcntl", "the exclusive lock from byte 0 to byte 10"),
    "ofd": ("fcntl", "the exclusive lock"),
}


@pytest.mark.parametrize("kind", WAITS)
def test_a_lock_whose_owner_waits_for_the_waiter_is_a_deadlock(
    kind: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("lock_calls"), "stuck", kind)
    assert recording.outcome is Outcome.DEADLOCK
    reader, waiter = sorted(recording.waits, key=lambda wait: wait.process)
    assert (reader.call, reader.object) == ("read", "pipe1")
    assert [holder.process for holder in reader.holders] == ["main.1"]
    assert (waiter.call, waiter.needs) == WAITS[kind]
    assert (waiter.process, waiter.object) == ("main.1", "file:data")
    assert {holder.process for holder in waiter.holders} >= {"main"}


@pytest.mark.parametrize("kind", WAITS)
def test_a_lock_that_its_owner_gives_up_is_none(
    kind: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("lock_calls"), "stuck", kind, "released")
    locks = [e for e in recording.events if e.family == "lock" and e.event != "lock.test"]
    if kind == "ofd":  # the child's own copy of the descriptor keeps its parent's lock
        assert recording.outcome is Outcome.DEADLOCK
        waiter = next(wait for wait in recording.waits if wait.process == "main.1")
        assert [holder.process for holder in waiter.holders] == ["main.1"]
        return
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")
    assert [(e.process, e.event) for e in locks[:3]] == [
        ("main", "lock.acquire"),
        ("main", "lock.release"),
        ("main.1", "lock.acquire"),
    ]
    assert locks[2].blocked_us > 0


def test_a_process_can_shut_itself_out(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("lock_calls"), "itself")
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert (wait.needs, [holder.process for holder in wait.holders]) == (
        "the exclusive lock",
        ["main"],
    )
