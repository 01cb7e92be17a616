"""Processes, threads and the family tree, as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Recording

Run = Callable[[str], Recording]


@pytest.fixture
def run(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Run:
    def recording_of(group: str, *flags: str) -> Recording:
        return traced([compiled("process_calls", *flags), group])

    return recording_of


def test_threads_are_told_apart_and_are_no_processes(run: Run) -> None:
    recording = run("threads")
    writes = [event.thread for event in recording.events if event.event == "pipe.write"]
    assert writes == [0, 1, 2]
    assert [(process.id, process.threads) for process in recording.processes] == [("main", 3)]


def test_a_thread_that_is_not_the_first_can_replace_the_program(run: Run) -> None:
    recording = run("exec")
    programs = [e.args["argv"] for e in recording.events if e.event == "process.exec"]
    assert isinstance(programs[1], list)
    assert programs[1][1:] == ["after"]
    writes = [(e.process, e.thread) for e in recording.events if e.event == "pipe.write"]
    assert writes == [("main", 3), ("main", 0)]
    (main,) = recording.processes
    assert main.exit == 0
    # the pipe lives to the end: a thread's end does not close anything
    ends = [e.seq for e in recording.events if e.event == "pipe.close"]
    assert min(ends) > max(e.seq for e in recording.events if e.event == "pipe.write")


def test_an_orphan_keeps_its_place_in_the_family_tree(run: Run) -> None:
    recording = run("orphan")
    tree = [(p.id, p.parent, p.exit, p.reaped_by) for p in recording.processes]
    assert tree == [
        ("main", None, 0, None),
        ("main.1", "main", 3, "main"),
        ("main.1.1", "main.1", 3, None),
    ]
    (written,) = (e for e in recording.events if e.event == "pipe.write")
    assert written.process == "main.1.1"


def test_children_of_every_call_are_followed_and_reaped(run: Run) -> None:
    recording = run("children")
    forks = [(e.call, e.target, e.errno) for e in recording.events if e.event == "process.fork"]
    assert forks[:3] == [
        ("clone", "main.1", None),
        ("vfork", "main.2", None),
        ("clone", "main.3", None),
    ]
    assert (forks[3][1], forks[4]) == ("main.4", ("clone", None, "EINVAL"))
    ends = [(p.id, p.exit, p.reaped_by) for p in recording.processes[1:]]
    assert ends == [
        ("main.1", 7, "main"),
        ("main.2", 4, "main"),
        ("main.3", "SIGTERM", "main"),
        ("main.4", 0, "main"),
    ]


def test_waits_tell_whose_end_they_saw(run: Run) -> None:
    waits = [e for e in run("children").events if e.event == "process.wait"]
    assert [(e.target, e.args, e.errno) for e in waits] == [
        (None, {}, "ECHILD"),
        (None, {"nohang": True, "asked": "main.1"}, None),  # it has not ended
        ("main.1", {"status": 7, "nowait": True}, None),
        ("main.1", {"status": 7}, None),
        ("main.2", {"status": 4}, None),
        ("main.3", {"signal": "SIGTERM"}, None),
        ("main.4", {"status": 0}, None),
    ]


def test_a_program_that_cannot_be_run_is_a_failed_exec(run: Run) -> None:
    failed = [e for e in run("children").events if e.event == "process.exec" and e.errno]
    assert [(e.args["path"], e.errno) for e in failed] == [("/no/such/program", "ENOENT")]


def test_static_binaries_are_observed_alike(
    compiled: Callable[..., Path], traced: Callable[..., Recording]
) -> None:
    recording = traced([compiled("process_calls", "-static"), "orphan"])
    assert [process.id for process in recording.processes] == ["main", "main.1", "main.1.1"]
