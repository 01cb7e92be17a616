"""The pipe family: every way to make, copy, use, fill, break and close a pipe, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, Outcome, Recording

Watch = Callable[[str], list[Event]]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Watch:
    """watch("talk"): the events on the pipes that this group of calls made."""

    def pipes_of(group: str) -> list[Event]:
        recording = traced([compiled("pipe_calls"), group])
        own = {found.id for found in recording.objects if found.created_by is not None}
        return [
            event
            for event in recording.events
            if event.family == "pipe" and (event.object in own or event.errno is not None)
        ]

    return pipes_of


def told(events: list[Event]) -> list[tuple[str, str | None, int | str | None]]:
    """Event, object, and the error or the bytes."""
    return [(event.event, event.object, event.errno or event.bytes) for event in events]


def by(events: list[Event], process: str) -> list[Event]:
    return [event for event in events if event.process == process]


def test_a_message_goes_from_parent_to_child_up_to_the_end_of_file(watch: Watch) -> None:
    events = watch("talk")
    (pipe,) = {event.object for event in events}
    assert told(by(events, "main")) == [
        ("pipe.create", pipe, None),
        ("pipe.close", pipe, None),
        ("pipe.write", pipe, 5),
        ("pipe.close", pipe, None),
    ]
    assert told(by(events, "main.1")) == [
        ("pipe.close", pipe, None),
        ("pipe.read", pipe, 5),
        ("pipe.eof", pipe, 0),
        ("pipe.close", pipe, None),
    ]
    assert [e.data for e in events if e.event in ("pipe.write", "pipe.read")] == ["hello"] * 2
    created = events[0].args
    assert [e.fd for e in events if e.event == "pipe.write"] == [created["write_fd"]]
    assert [e.fd for e in events if e.event == "pipe.read"] == [created["read_fd"]]


def test_a_close_tells_its_end_and_who_still_has_that_end(watch: Watch) -> None:
    events = watch("talk")
    closed = [e for e in events if e.event == "pipe.close"]
    reading = [e for e in closed if e.args["end"] == "read"]
    assert [(e.process, e.args["left"]) for e in reading] == [("main", ["main.1"]), ("main.1", [])]
    first, last = (e for e in closed if e.args["end"] == "write")  # whoever comes first
    assert (first.args["left"], last.args["left"]) == ([last.process], [])
    by_exit = by(events, "main.1")[-1]
    assert (by_exit.args["end"], by_exit.args["left"], by_exit.call) == ("read", [], "exit")


def test_a_static_program_is_seen_like_any_other(
    compiled: Callable[..., Path], traced: Callable[..., Recording], watch: Watch
) -> None:
    recording = traced([compiled("pipe_calls", "-static"), "talk"])
    own = [e for e in recording.events if e.family == "pipe" and e.object != "stdout"]
    for process in ("main", "main.1"):
        static = [e.event for e in by(own, process) if e.object in _made(recording)]
        assert static == [e.event for e in by(watch("talk"), process)]


def _made(recording: Recording) -> set[str]:
    return {found.id for found in recording.objects if found.created_by == "main"}


def test_a_full_and_an_empty_pipe_fail_where_they_may_not_block(watch: Watch) -> None:
    events = watch("limits")
    assert events[0].args["flags"] == ["O_CLOEXEC", "O_NONBLOCK"]
    assert [(e.event, e.errno or e.bytes) for e in events[1:5]] == [
        ("pipe.read", "EAGAIN"),
        ("pipe.write", 65536),  # of 131,072: a short write
        ("pipe.write", "EAGAIN"),
        ("pipe.read", 65536),
    ]


def test_what_is_set_on_a_pipe_is_told(watch: Watch) -> None:
    blocking, non_blocking, inheritable, smaller = watch("limits")[5:9]
    assert (blocking.args["flags"], blocking.args["of"]) == ([], "description")
    assert (non_blocking.args["flags"], non_blocking.call) == (["O_NONBLOCK"], "ioctl")
    assert (inheritable.args["flags"], inheritable.args["of"]) == ([], "descriptor")
    assert (smaller.event, smaller.args) == ("pipe.resize", {"asked": 4096, "size": 4096})


def test_misuse_is_told_with_its_error(watch: Watch) -> None:
    assert [(e.event, e.errno) for e in watch("limits")[9:12]] == [
        ("pipe.read", "EBADF"),  # of the write end
        ("pipe.write", "EFAULT"),
        ("pipe.create", "EFAULT"),
    ]
    assert [e.errno for e in watch("vectors") if e.call == "pwrite64"] == ["ESPIPE"]


def test_writing_without_a_reader_is_epipe_and_kills_who_does_not_ignore_it(
    compiled: Callable[..., Path], traced: Callable[..., Recording]
) -> None:
    recording = traced([compiled("pipe_calls"), "broken"])
    writes = [(e.process, e.errno) for e in recording.events if e.event == "pipe.write"]
    assert writes == [("main.1", "EPIPE"), ("main", "EPIPE")]
    assert [p.exit for p in recording.processes] == [0, "SIGPIPE"]
    delivered = [e for e in recording.events if e.event == "signal.deliver"]
    assert (delivered[0].process, delivered[0].args["signal"]) == ("main.1", "SIGPIPE")


def test_copies_of_an_end_keep_it_open(watch: Watch) -> None:
    events = watch("copies")
    one, two = (e.object for e in events if e.event == "pipe.create")
    copied = [e for e in events if e.event == "pipe.dup"]
    assert [(e.call, e.object) for e in copied] == [
        ("dup", one),
        ("dup2", one),
        ("dup3", one),
        ("fcntl", one),
        ("fcntl", one),
    ]
    assert [e.args["new_fd"] for e in copied][2:] == [40, 50, 60]
    assert [e.args.get("flags") for e in copied] == [
        None,
        None,
        ["O_CLOEXEC"],
        None,
        ["O_CLOEXEC"],
    ]
    closed = {e.fd: e for e in events if e.event == "pipe.close" and e.call != "exit"}
    assert closed[40].call == "close_range" and closed[40].args["left"] == ["main"]
    copy = closed[copied[0].args["new_fd"]]  # type: ignore[index] # a descriptor's number
    assert (copy.object, copy.args["left"]) == (one, ["main"])
    assert two in {e.object for e in events if e.event == "pipe.eof"}


def test_dup2_over_an_open_end_closes_it(watch: Watch) -> None:
    events = watch("copies")
    index = next(i for i, e in enumerate(events) if e.call == "dup2")
    closed, copied = events[index : index + 2]
    assert (closed.event, closed.args["end"], closed.args["left"]) == ("pipe.close", "write", [])
    assert (copied.event, copied.args["new_fd"]) == ("pipe.dup", closed.fd)
    assert copied.object != closed.object


def test_vectored_calls_tell_all_their_bytes(watch: Watch) -> None:
    moved = [(e.call, e.bytes, e.data) for e in watch("vectors") if e.bytes is not None]
    assert moved == [("writev", 6, "onetwo"), ("readv", 6, "onetwo")]


def test_bytes_that_a_process_moves_unseen_count_where_they_went(watch: Watch) -> None:
    events = watch("splices")
    one, two = (e.object for e in events if e.event == "pipe.create")
    moved = [
        (e.call, e.event, e.object, e.errno or e.bytes)
        for e in events
        if e.bytes is not None or e.errno is not None
    ]
    assert moved == [
        ("vmsplice", "pipe.write", one, 7),
        ("tee", "pipe.write", two, 7),  # and what it read is still in the first
        ("splice", "pipe.read", one, 7),
        ("splice", "pipe.write", two, 7),
        ("splice", "pipe.read", one, "EAGAIN"),
        ("read", "pipe.read", two, 7),
        ("read", "pipe.read", two, 7),
        ("splice", "pipe.eof", one, 0),
    ]
    assert events[2].data == "spliced"


def test_exec_closes_what_is_marked_and_nothing_else(watch: Watch) -> None:
    closed = [e for e in watch("exec") if e.event == "pipe.close"]
    assert [(e.call, e.args["end"], e.args["left"]) for e in closed] == [
        ("execve", "read", []),
        ("execve", "write", ["main"]),  # the copy, descriptor 20
        ("exit", "write", []),
    ]
    assert closed[-1].fd == 20


def test_upper_register_halves_do_not_matter(watch: Watch) -> None:
    events = watch("junk")
    assert [(e.event, e.errno or e.data) for e in events[1:6]] == [
        ("pipe.write", "junk"),
        ("pipe.read", "junk"),
        ("pipe.flags", None),
        ("pipe.read", "EAGAIN"),
        ("pipe.dup", None),
    ]
    assert {e.fd for e in events[1:]} <= set(range(64))
    assert (events[6].event, events[6].fd, events[6].args["left"]) == (
        "pipe.close",
        events[0].args["write_fd"],
        ["main"],
    )


@pytest.mark.parametrize(
    ("how", "needs"),
    [("splice", "data or end of file, or room in pipe2"), ("vmsplice", "room")],
)
def test_moving_bytes_in_vain_is_a_deadlock(
    how: str, needs: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("pipe_calls"), "stuck", how)
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert (wait.call, wait.object, wait.needs) == (how, "pipe1", needs)
    assert {holder.process for holder in wait.holders} == {"main"}


def test_moving_bytes_that_someone_sends_is_no_deadlock(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("pipe_calls"), "stuck", "helped")
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")
