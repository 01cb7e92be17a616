"""The last events of a run, before it went wrong."""

from __future__ import annotations

from grader.check.evidence import MOST, last_events, render
from grader.trace.model import Outcome
from tests.check.made import did, story


def test_an_end_says_how() -> None:
    assert render(did("main", "process.exit", result=2)) == "main  process.exit  exit status 2"
    killed = did("main", "process.exit", args={"signal": "SIGSEGV"})
    assert render(killed) == "main  process.exit  SIGSEGV"


def test_a_run_that_ended_well_has_none() -> None:
    run = story(did("main", "pipe.create", "pipe1"), did("main", "process.exit", result=0))
    assert last_events(run) == []


def test_of_a_stuck_run_the_last_ones_are_told_like_ones_once() -> None:
    reads = [did("main.1", "pipe.read", "pipe1", "x") for _ in range(9)]
    many = [did("main", "file.open", f"file:{n}") for n in range(9)]
    run = story(*many, *reads, did("main", "pipe.close", "pipe1"), outcome=Outcome.DEADLOCK)
    told = last_events(run)
    assert len(told) == MOST
    assert [event.event for event in told[-2:]] == ["pipe.read", "pipe.close"]
    assert told[-2].seq == run.events[-2].seq


def test_what_they_moved_is_kept_only_in_part() -> None:
    run = story(did("main", "pipe.write", "pipe1", "ü" * 70_000), outcome=Outcome.DEADLOCK)
    [event] = last_events(run)
    assert (event.bytes, event.data) == (140_000, "ü" * 100)


def test_of_a_run_with_a_crash_those_before_it_are_told() -> None:
    run = story(
        did("main.1", "pipe.read", "pipe1", "x"),
        did("main.1", "process.exit", args={"signal": "SIGSEGV"}),
        did("main", "process.wait"),
    )
    assert [event.event for event in last_events(run)] == ["pipe.read", "process.exit"]


def test_words_on_stderr_and_the_interpreters_own_deeds_are_left_out() -> None:
    run = story(
        did("main", "signal.handler", runtime=True),
        did("main", "pipe.create", "pipe1"),
        did("main", "file.write", "stderr", "Traceback"),
        outcome=Outcome.DEADLOCK,
    )
    assert [event.event for event in last_events(run)] == ["pipe.create"]
