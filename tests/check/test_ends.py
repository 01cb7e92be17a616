"""How things end: exits, reaped children, closed ends, nothing left behind."""

from __future__ import annotations

import pytest

from grader.check.closing import closed
from grader.check.ends import exit_status, reaped, residue
from grader.check.result import Result
from grader.course.conditions import Closing, Exit, Reaped
from grader.outcome import Status
from grader.trace.model import ExitOf, Outcome, Process, Recording, Residue, StepResult, Total
from tests.check.made import closes, did, hello, output, process, story

# -- exit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit", "condition", "met"),
    [
        (0, 0, True),
        (1, 0, False),
        (2, 2, True),
        (2, Exit(nonzero=True), True),
        (0, Exit(nonzero=True), False),
        ("SIGSEGV", Exit(nonzero=True), True),
        ("SIGTERM", Exit(signal="TERM"), True),
        ("SIGTERM", Exit(signal="SIGTERM"), True),
        ("SIGKILL", Exit(signal="TERM"), False),
        (15, Exit(signal="TERM"), False),
        (None, Exit(nonzero=True), False),
    ],
)
def test_an_exit_is_a_status_a_signal_or_any_failure(
    exit: ExitOf, condition: int | Exit, met: bool
) -> None:
    recording = story(actors=[output(exit=exit)])
    assert exit_status(recording, condition, {}).ok is met


def test_without_a_name_every_actor_must_exit_so() -> None:
    recording = story(actors=[output(name="a"), output(name="b", exit=1)])
    result = exit_status(recording, 0, {})
    assert "b should have ended with exit status 0: it ended with exit status 1" in result.message
    assert exit_status(recording, Exit(of="a", status=0), {}).ok
    assert exit_status(recording, [Exit(of="a", status=0), Exit(of="b", status=1)], {}).ok


def test_an_exit_that_went_wrong_quotes_the_programs_error() -> None:
    recording = story(actors=[output(exit=1, stderr="fork: Resource temporarily unavailable\n")])
    assert "fork: Resource temporarily unavailable" in exit_status(recording, 0, {}).message


def test_a_process_that_the_grader_ended_did_not_exit() -> None:
    recording = story(outcome=Outcome.DEADLOCK, actors=[output(exit="SIGKILL")])
    result = exit_status(recording, Exit(signal="KILL"), {})
    assert result.seen == "it had not ended when the run was over"


def test_an_actor_that_was_not_started_has_no_exit() -> None:
    stalled = StepResult(index=2, title="expect: a line", reached=False)
    recording = story(actors=[output(name="a")], steps=[stalled])
    assert exit_status(recording, Exit(of="b", status=0), {}).status is Status.SKIPPED


# -- reaped ---------------------------------------------------------------------------------------


def family(*children: Process) -> Recording:
    return story(processes=[process("main"), *children])


def test_every_child_is_waited_for() -> None:
    both = family(process("main.1"), process("main.2"))
    assert reaped(both, Reaped(), {}).ok
    assert reaped(both, Reaped(count="2"), {}).ok
    result = reaped(both, Reaped(count=3), {})
    assert (result.expected, result.seen) == ("3 children", "2 children")


def test_a_child_that_nobody_waited_for_is_named() -> None:
    result = reaped(family(process("main.1"), process("main.2", reaped=False)), Reaped(), {})
    assert "main did not reap main.2." in result.message
    alive = reaped(family(process("main.1", reaped=False, exit=None)), Reaped(), {})
    assert "main.1 (still running at the end)" in alive.message


def test_an_orphan_reaped_by_init_is_not_reaped_by_its_parent() -> None:
    orphan = Process(id="main.1", parent="main", argv=[], exit=0, reaped_by="init")
    assert not reaped(family(orphan), Reaped(), {}).ok


def test_a_program_without_children_has_reaped_nobody_unless_none_are_asked_for() -> None:
    assert not reaped(family(), Reaped(), {}).ok
    assert reaped(family(), Reaped(count=0), {}).ok


def test_grandchildren_belong_to_their_own_parent() -> None:
    tree = family(process("main.1"), process("main.1.1", reaped=False))
    assert reaped(tree, Reaped(count=1), {}).ok
    assert not reaped(tree, Reaped(by="main.*"), {}).ok


def test_the_interpreters_own_children_are_not_the_students() -> None:
    recording = story(
        did("main", "process.fork", target="main.1", runtime=True),
        processes=[process("main"), process("main.1", reaped=False), process("main.2")],
    )
    assert reaped(recording, Reaped(count=1), {}).ok


def test_a_count_that_is_no_number_is_the_checks_fault() -> None:
    assert reaped(family(), Reaped(count="{n}"), {}).status is Status.ERROR


# -- closed ---------------------------------------------------------------------------------------

READ_BY_MAIN = Closing(by="main", object="$p", end="read")


def closing(recording: Recording, wanted: Closing = READ_BY_MAIN) -> Result:
    return closed(recording, [wanted], {"$p": "pipe1"})


def test_each_side_closes_what_it_does_not_use() -> None:
    wanted = [READ_BY_MAIN, Closing(by="main.*", object="$p", end="write")]
    result = closed(hello(), wanted, {"$p": "pipe1"})
    assert result.ok


def test_an_end_that_only_the_exit_closed_was_left_open() -> None:
    result = closing(story(closes("main", "pipe1", "read", call="exit")))
    assert result.status is Status.FAILED
    assert result.seen == "main left the read end of pipe1 open until it exited"


def test_the_other_end_and_the_other_pipe_do_not_count() -> None:
    recording = story(closes("main", "pipe1", "write"), closes("main", "pipe2", "read"))
    assert closing(recording).seen == "main never closed the read end of pipe1"


def test_an_end_that_lives_on_in_a_duplicate_is_still_open() -> None:
    kept = closes("main", "pipe1", "read", left=["main", "main.1"])
    result = closing(story(kept))
    assert "kept another" in result.message
    assert closing(story(kept, closes("main", "pipe1", "read", left=["main.1"]))).ok


def test_a_close_on_exec_is_a_close() -> None:
    assert closing(story(closes("main", "pipe1", "read", call="execve"))).ok


def test_a_name_that_nothing_bound_is_the_checks_fault() -> None:
    assert closed(hello(), [READ_BY_MAIN], {}).status is Status.ERROR


def test_a_closing_among_dropped_events_is_given_the_benefit_of_the_doubt() -> None:
    total = Total(process="main", object="pipe1", event="pipe.close", count=2)
    exit_only = closes("main", "pipe1", "write", call="exit")
    assert closing(story(exit_only, dropped_events=9, totals=[total])).ok
    assert not closing(story(exit_only, totals=[total])).ok


# -- residue --------------------------------------------------------------------------------------


def test_nothing_left_is_nothing_left() -> None:
    assert residue(hello(), "none", {}).ok


def test_what_is_left_is_named() -> None:
    left = [
        Residue(kind="msg", id="msg:1234", detail="2 messages"),
        Residue(kind="process", id="main.1"),
    ]
    result = residue(hello(residue=left), "none", {})
    assert result.message == (
        "Something was left behind: msg msg:1234 (2 messages) and process main.1."
    )
    assert len(result.evidence) == 2
