"""What is said of runs that got stuck or went over a limit."""

from __future__ import annotations

import msgspec
import pytest

from grader.check.advice import advice
from grader.check.explain import explain
from grader.trace.model import (
    RUNNING,
    STOPPED,
    Holder,
    KernelObject,
    Outcome,
    Recording,
    Source,
    Wait,
)
from tests.check.made import did, output, process, story


def stuck(*waits: Wait, objects: list[KernelObject] | None = None) -> Recording:
    return story(outcome=Outcome.DEADLOCK, waits=list(waits), objects=objects or [])


def held(process: str, fd: int | None = None, end: str | None = None) -> Holder:
    return Holder(process=process, fd=fd, end=end)


PARENT = Wait(process="main", call="wait4", needs="exit of main.1", holders=[held("main.1")])


def reader(*holders: Holder) -> Wait:
    return Wait(
        process="main.1",
        call="read",
        needs="data or end of file",
        object="pipe1",
        fd=3,
        holders=list(holders),
        source=Source(file="hello.c", line=23),
    )


def test_a_finished_run_needs_no_words() -> None:
    assert explain(story()) == []
    assert advice(story()) == []


def test_the_write_end_that_nobody_closed() -> None:
    recording = stuck(PARENT, reader(held("main.1", 4, "write"), held("main", 4, "write")))
    assert explain(recording) == [
        "main.1 waits in read at hello.c:23 for data or end of file on pipe1; "
        "its write end is still open in main (fd 4) and in main.1 itself (fd 4).",
        "main waits in wait4 for main.1 to exit.",
        "main waits for main.1 and main.1 waits for main: neither can go on.",
    ]
    (what_to_do,) = advice(recording)
    assert what_to_do.startswith("Close the write end of pipe1 in main.1 and main:")


def test_a_reader_that_keeps_itself_waiting() -> None:
    recording = stuck(PARENT, reader(held("main.1", 4, "write")))
    assert explain(recording)[-1] == ("So only main.1 itself could end its wait.")


def test_threads_that_wait_for_each_other_are_summed_up_once() -> None:
    locks = [
        Wait(
            process="main",
            call="futex",
            needs="a lock",
            thread=thread,
            holders=[Holder(process="main")],
        )
        for thread in (0, 1)
    ]
    assert explain(stuck(*locks))[2:] == ["So only main itself could end its wait."]


def test_a_full_pipe_whose_reader_waits_for_the_writer() -> None:
    writer = Wait(
        process="main.1",
        call="write",
        needs="room",
        object="pipe1",
        holders=[held("main", 3, "read")],
    )
    recording = stuck(PARENT, writer)
    assert explain(recording)[0] == (
        "main.1 waits in write for room on pipe1; its read end is still open in main (fd 3)."
    )
    assert "neither can go on" in explain(recording)[-1]
    assert "Let main read from pipe1" in advice(recording)[0]


def test_a_circle_of_locks_names_everyone_once() -> None:
    waits = [
        Wait(
            process=who,
            call="flock",
            needs="the lock",
            object=f"lock:{n}",
            holders=[held(whom, 3)],
        )
        for n, (who, whom) in enumerate(
            [("main", "main.1"), ("main.1", "main.2"), ("main.2", "main")]
        )
    ]
    said = explain(stuck(*waits))
    assert said[0] == "main waits in flock for the lock on lock:0; it is held by main.1 (fd 3)."
    assert said[-1] == (
        "main waits for main.1, main.1 waits for main.2 and main.2 waits for main: "
        "none of them can go on."
    )


@pytest.mark.parametrize(
    ("call", "needs", "object", "advised"),
    [
        ("msgrcv", "a message of type 2", "msg:1234", "message of the type"),
        ("msgsnd", "room", "msg:1234", "msg:1234 is full"),
        ("semop", "semaphore 1 above 0", "sem:1234", "initial values"),
        ("futex", "a wake-up", "futex1", "unlocks what it locked"),
        ("rt_sigsuspend", "a signal", None, "No signal reached main"),
        ("accept4", "a connection", "socket1", "connects to the same address"),
    ],
)
def test_waits_that_nobody_is_left_to_end(
    call: str, needs: str, object: str | None, advised: str
) -> None:
    recording = stuck(Wait(process="main", call=call, needs=needs, object=object))
    on = f" on {object}" if object else ""
    assert explain(recording) == [
        f"main waits in {call} for {needs}{on}; no process is left that could end this."
    ]
    assert advised in advice(recording)[0]


def test_a_signal_that_came_too_early_is_called_lost() -> None:
    wait = Wait(process="main", call="pause", needs="a signal")
    early = did("main", "signal.deliver", args={"signal": "SIGINT"})
    recording = msgspec.structs.replace(stuck(wait), events=[early])
    assert "block it first" in advice(recording)[0]
    elsewhere = msgspec.structs.replace(early, process="main.1")
    recording = msgspec.structs.replace(stuck(wait), events=[elsewhere])
    assert "No signal reached main" in advice(recording)[0]


def test_a_handler_that_ended_no_wait_is_named() -> None:
    wait = Wait(process="main", call="accept4", needs="a connection", object="tcp:80")
    handled = {"signal": "SIGTERM", "action": "handler"}
    came = did("main", "signal.deliver", target="grader", args=handled)
    again = did("main", "socket.accept", object="tcp:80", errno="EINTR")
    for events in ([came], [came, again]):
        recording = msgspec.structs.replace(stuck(wait), events=events)
        assert "The handler for SIGTERM ran in main" in advice(recording)[0]
    for_children = msgspec.structs.replace(wait, call="wait4", needs="exit of main.1")
    recording = msgspec.structs.replace(stuck(for_children), events=[came])
    assert "handler" not in " ".join(advice(recording))


def test_a_server_at_rest_beside_what_is_stuck_gets_no_advice() -> None:
    signal = Wait(process="main", call="rt_sigtimedwait", needs="SIGTERM")
    listener = Wait(process="main", thread=1, call="accept4", needs="a connection", object="tcp:80")
    client = Wait(process="main", thread=2, call="recvfrom", needs="data", object="tcp:80#1")
    accepted = did("main", "socket.accept", object="tcp:80#1", args={"listener": "tcp:80"})
    recording = msgspec.structs.replace(stuck(signal, listener, client), events=[accepted])
    assert advice(recording) == []


def test_a_queue_whose_sender_also_waits() -> None:
    waits = [
        Wait(process=who, call="msgrcv", needs="a message", object="msg:7", holders=[held(whom)])
        for who, whom in (("a", "b"), ("b", "a"))
    ]
    assert explain(stuck(*waits)) == [
        "a waits in msgrcv for a message on msg:7; only b could end this.",
        "b waits in msgrcv for a message on msg:7; only a could end this.",
        "a waits for b and b waits for a: neither can go on.",
    ]


def test_who_is_stopped_does_not_wait_in_a_call() -> None:
    child = Wait(process="main.1", call=STOPPED, needs="SIGCONT", holders=[held("main")])
    assert explain(stuck(PARENT, child))[0] == (
        "main.1 is stopped until it gets SIGCONT; only main could end this."
    )


def test_a_thread_is_told_apart() -> None:
    wait = Wait(process="main", thread=2, call="futex", needs="a wake-up")
    assert explain(stuck(wait))[0].startswith("main (thread 2) waits in futex")


def test_many_waits_are_not_all_told() -> None:
    waits = [
        Wait(process=f"main.{n}", call="read", needs="data", object="pipe1") for n in range(64)
    ]
    said = explain(stuck(*waits))
    assert len(said) == 7
    assert said[-1] == "58 others wait too."


def test_a_deadlock_without_a_graph_says_what_the_run_said() -> None:
    recording = story(outcome=Outcome.DEADLOCK, detail="nothing can move any more")
    assert explain(recording) == ["Nothing can move any more."]


# -- limits ---------------------------------------------------------------------------------------


def test_a_program_that_only_computes_is_told_from_one_that_waits() -> None:
    spinning = story(
        outcome=Outcome.TIMEOUT,
        limit="wall",
        wall_ms=10_000,
        processes=[process("main", exit=None, cpu_ms=9_500)],
    )
    assert explain(spinning) == [
        "The run was ended after 10.0 s, the time that it may take.",
        "main was spinning: computing without a pause instead of waiting.",
    ]
    assert "blocks instead of asking again" in advice(spinning)[0]
    sleeping = story(
        outcome=Outcome.TIMEOUT,
        limit="wall",
        wall_ms=10_000,
        processes=[process("main", exit=None, cpu_ms=20)],
    )
    assert explain(sleeping)[-1] == "Still alive then: main."
    assert advice(sleeping) == []


def test_a_spinning_program_is_told_with_its_line() -> None:
    at = Source(file="loop.c", line=12, function="work")
    spinning = story(
        outcome=Outcome.LIMIT,
        limit="cpu",
        wall_ms=5_100,
        cpu_ms=5_020,
        processes=[process("main", exit=None, cpu_ms=5_020)],
        waits=[Wait(process="main", call=RUNNING, needs="nothing: it computes", source=at)],
    )
    assert explain(spinning) == [
        "The run was ended because it had computed for 5.0 s, as long as it may.",
        "main was spinning in work at loop.c:12: it computed for 5.0 s instead of waiting.",
    ]
    assert "blocks instead of asking again" in advice(spinning)[0]


def test_on_a_busy_machine_the_one_that_used_the_cpu_time_was_spinning() -> None:
    recording = story(
        outcome=Outcome.LIMIT,
        limit="cpu",
        wall_ms=60_000,
        cpu_ms=5_020,
        processes=[
            process("main", exit=None, cpu_ms=10),
            process("main.1", exit=None, cpu_ms=5_010),
        ],
    )
    assert explain(recording)[1] == (
        "main.1 was spinning: computing without a pause instead of waiting."
    )


def test_who_computed_or_slept_when_a_limit_struck_is_told_without_a_guess() -> None:
    at = Source(file="hello.c", line=9, function="main")
    recording = story(
        outcome=Outcome.TIMEOUT,
        limit="wall",
        wall_ms=10_000,
        processes=[process("main", exit=None, cpu_ms=20), process("main.1", exit=None, cpu_ms=20)],
        waits=[
            Wait(process="main", call="clock_nanosleep", needs="", source=at),
            Wait(process="main.1", call=RUNNING, needs="nothing: it computes"),
        ],
    )
    assert explain(recording)[1:] == [
        "main was in clock_nanosleep at hello.c:9.",
        "main.1 was computing.",
    ]
    assert advice(recording) == []


def test_a_timeout_tells_who_waited_for_what() -> None:
    recording = story(
        outcome=Outcome.TIMEOUT, limit="wall", wall_ms=10_000, waits=[reader(held("main", 4))]
    )
    assert "main.1 waits in read at hello.c:23" in explain(recording)[1]


def test_the_cpu_limit_says_how_long() -> None:
    recording = story(outcome=Outcome.LIMIT, limit="cpu", cpu_ms=5_004, wall_ms=5_200)
    assert "computed for 5.0 s" in explain(recording)[0]


def test_who_waits_for_its_own_handler_after_a_signal_is_told_of_the_lost_one() -> None:
    alone = reader(held("main.1", fd=4, end="write"))
    delivered = did("main.1", "signal.deliver")
    caught = story(delivered, outcome=Outcome.DEADLOCK, waits=[alone])
    assert advice(caught)[0].startswith("A signal that comes before the wait begins is lost")
    assert advice(stuck(alone))[0].startswith("Close the write end of pipe1")


@pytest.mark.parametrize(
    ("limit", "fact"),
    [
        ("memory", "more memory than allowed (up to 300 MiB)"),
        ("processes", "more processes and threads than allowed (1 process in all)"),
        ("output", "printed more than allowed (2,000,000 bytes)"),
        ("files", "wrote more to files"),
        ("descriptors", "more descriptors open"),
        ("events", "more system calls than can be observed"),
    ],
)
def test_each_limit_is_named_and_has_an_advice(limit: str, fact: str) -> None:
    recording = story(
        outcome=Outcome.LIMIT,
        limit=limit,
        memory_peak_bytes=300 << 20,
        actors=[output("xxxxx", stdout_cut=1_999_995)],
    )
    assert fact in explain(recording)[0]
    assert len(advice(recording)) == 1


def test_an_unknown_limit_uses_the_runs_own_words() -> None:
    recording = story(outcome=Outcome.LIMIT, limit="inodes", detail="it made 10,000 files.")
    assert explain(recording) == ["It made 10,000 files."]
