"""How a program waits: blocked in a call, not by asking again and again, not by sleeping."""

from __future__ import annotations

import pytest

from grader.check.result import Result
from grader.check.waiting import blocked_in, no_busy_waiting, no_sleep
from grader.course.conditions import BlockedIn, NoBusyWaiting, NoSleep
from grader.outcome import Status
from grader.trace.model import Event, Observation, Outcome, Recording, StepResult, Wait
from tests.check.made import did, output, process, story

EMPTY_HANDED = [
    did("main", "pipe.read", "pipe1", errno="EAGAIN"),
    did("main", "msg.receive", "msg:1", errno="ENOMSG"),
    did("main", "process.wait", result=0),
    did("main", "time.wait", result=0),
    did("main", "time.sleep"),
    did("main", "time.yield"),
    did("main", "file.read", "counter", b""),
    did("main", "sem.get", "sem:1", args={"value": 0}),
    did("main", "msg.stat", "msg:1"),
]


def busy(run: Recording, most: int = 50) -> Result:
    return no_busy_waiting(run, NoBusyWaiting(at_most=most), {})


@pytest.mark.parametrize("question", EMPTY_HANDED, ids=lambda event: event.event)
def test_asking_again_and_again_is_busy_waiting(question: Event) -> None:
    assert busy(story(*[question] * 50)).ok
    result = busy(story(*[question] * 51))
    assert result.status is Status.FAILED
    assert result.seen == f"{question.event}, 51 times in a row"


def test_an_event_loop_that_gets_work_each_time_is_fine() -> None:
    turn = [
        did("main", "time.wait", result=1),
        did("main", "socket.accept", "socket1"),
        did("main", "socket.accept", "socket1", errno="EAGAIN"),
    ]
    assert no_busy_waiting(story(*turn * 200), True, {}).ok


def test_reaping_in_a_handler_asks_once_too_often_each_time_and_is_fine() -> None:
    turn = [
        did("main", "process.wait", target="main.1", result=7),
        did("main", "process.wait", result=0),
    ]
    assert no_busy_waiting(story(*turn * 200), True, {}).ok


def test_looking_for_one_child_is_a_loop_much_earlier() -> None:
    look = did("main", "process.wait", result=0, args={"nohang": True, "asked": "main.1"})
    other = did("main", "process.wait", result=0, args={"nohang": True, "asked": "main.2"})
    nap = did("main", "time.sleep")
    assert busy(story(*[look] * 10)).ok
    assert busy(story(*[look, other] * 15)).ok
    assert busy(story(*[look, nap] * 11)).seen == "process.wait with WNOHANG, 11 times in a row"


def test_each_thread_and_process_is_judged_by_itself() -> None:
    mixed = [
        did("main", "pipe.read", "pipe1", errno="EAGAIN"),
        did("main.1", "pipe.write", "pipe1", "x"),
    ]
    assert not no_busy_waiting(story(*mixed * 60), True, {}).ok
    assert no_busy_waiting(story(*mixed * 60), NoBusyWaiting(by="main.1"), {}).ok
    assert no_busy_waiting(story(*mixed * 60), False, {}).ok


def test_who_used_up_the_cpu_time_did_not_wait() -> None:
    run = story(
        outcome=Outcome.LIMIT,
        limit="cpu",
        processes=[process("main", cpu_ms=10), process("main.1", cpu_ms=5000)],
    )
    result = no_busy_waiting(run, True, {})
    assert result.message.startswith("main.1 computed until")
    assert no_busy_waiting(run, NoBusyWaiting(by="main.2"), {}).ok


def test_a_sleep_is_found_but_not_the_interpreters_own() -> None:
    run = story(did("main.1", "time.sleep"), did("main", "time.sleep", runtime=True))
    result = no_sleep(run, True, {})
    assert (result.status, result.seen) == (Status.FAILED, "once")
    assert result.message.startswith("main.1 slept")
    assert no_sleep(run, NoSleep(by="main"), {}).ok
    assert no_sleep(run, False, {}).ok


SEM_OP = BlockedIn(by="p", event="sem.op")


def actor_p(*events: Event, **more: object) -> Recording:
    return story(*events, actors=[output(name="p", process="main")], **more)


def test_a_call_that_lasted_may_have_waited_for_a_cpu_only() -> None:
    result = blocked_in(actor_p(did("main", "sem.op", "sem:1", blocked_us=9000)), SEM_OP, {})
    assert (result.status, result.seen) == (Status.FAILED, "sem.op once, never blocked")


def test_a_scenario_that_waited_for_it_has_seen_it() -> None:
    step = StepResult(
        index=1,
        title="wait",
        reached=True,
        observed=[Observation(name="p", state={"blocked": "sem.op"})],
    )
    assert blocked_in(actor_p(steps=[step]), SEM_OP, {}).ok
    assert not blocked_in(actor_p(steps=[step]), BlockedIn(by="p", event="msg.send"), {}).ok


def test_who_is_stuck_in_the_call_at_the_end_was_blocked() -> None:
    earlier = did("main", "sem.op", "sem:1", call="semop", blocked_us=1)
    waits = [Wait(process="main", call="semop", needs="its turn")]
    assert blocked_in(actor_p(earlier, waits=waits, outcome=Outcome.DEADLOCK), SEM_OP, {}).ok
    cut_off = actor_p(earlier, waits=waits, outcome=Outcome.TIMEOUT)
    assert not blocked_in(cut_off, SEM_OP, {}).ok
