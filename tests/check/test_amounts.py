"""How often, how many at once, how much."""

from __future__ import annotations

import pytest

from grader.check.amounts import concurrent, count, cpu, memory
from grader.check.judge import judge
from grader.course.conditions import Concurrent, Count, Pattern
from grader.outcome import Status
from grader.trace.model import Event, Process, Recording
from tests.check.made import check, did, process, story


def forks(child: str) -> Event:
    return did("main", "process.fork", target=child)


def reaps(child: str, **args: str) -> Event:
    return did("main", "process.wait", target=child, args=args)


def worked(*events: Event, **more: object) -> Recording:
    return story(did("main", "pipe.create", "pipe1"), *events, **more)


@pytest.mark.parametrize(
    ("bounds", "status"),
    [
        ({"exactly": 3}, Status.PASSED),
        ({"exactly": "2"}, Status.FAILED),
        ({"at_least": 3}, Status.PASSED),
        ({"at_least": 4}, Status.FAILED),
        ({"at_most": 3}, Status.PASSED),
        ({"at_most": 2}, Status.FAILED),
        ({"at_least": 1, "at_most": 5}, Status.PASSED),
        ({}, Status.ERROR),
        ({"exactly": "three"}, Status.ERROR),
    ],
)
def test_a_count_has_bounds(bounds: dict[str, int | str], status: Status) -> None:
    run = story(*(did("main", "pipe.write", "pipe1", "x") for _time in range(3)))
    assert count(run, Count(event="pipe.write", **bounds), {}).status is status  # type: ignore[arg-type] # by name


def test_nothing_at_all_is_never_and_fits_at_most() -> None:
    run = story(did("main", "pipe.create", "pipe1"))
    assert count(run, Count(event="msg.send", at_most=0), {}).ok
    missing = count(run, Count(event="msg.send", at_least=1), {})
    assert (missing.seen, missing.expected) == (
        "never",
        "any process sends something through a message queue: at least once",
    )


def test_a_count_is_of_the_object_that_observe_bound() -> None:
    run = story(
        did("main", "pipe.create", "pipe1"),
        did("main", "pipe.create", "pipe2"),
        did("main", "pipe.write", "pipe1", "x"),
        did("main", "pipe.write", "pipe2", "x"),
        did("main", "pipe.write", "pipe2", "y"),
    )
    held = check(
        observe=[Pattern(event="pipe.create", object="$p")],
        count=Count(event="pipe.write", object="$p", exactly=2),
    )
    (finding,) = judge([held], {"greeting": run})
    assert finding.status is Status.PASSED


def test_failed_calls_and_the_interpreters_own_are_not_counted() -> None:
    run = story(
        did("main", "pipe.write", "pipe1", errno="EPIPE"),
        did("main", "pipe.write", "pipe1", "x", runtime=True),
        did("main", "pipe.write", "pipe1", "x"),
    )
    assert count(run, Count(event="pipe.write", exactly=1), {}).ok
    assert count(run, Count(event="pipe.write", errno="EPIPE", exactly=1), {}).ok


def test_children_that_lived_one_after_the_other_were_never_two() -> None:
    one = process("main.1", started_us=10, ended_us=20)
    two = process("main.2", started_us=20, ended_us=30)
    run = story(processes=[process("main"), one, two])
    assert concurrent(run, Concurrent(of="main.*", at_least=1), {}).ok
    result = concurrent(run, Concurrent(of="main.*", at_least=2), {})
    assert (result.status, result.seen) == (Status.FAILED, "1 at the same time")


def test_a_child_that_never_ended_lives_to_the_end() -> None:
    one = process("main.1", started_us=10, ended_us=None)
    two = process("main.2", started_us=500, ended_us=900)
    run = story(processes=[process("main"), one, two])
    assert concurrent(run, Concurrent(of="main.*", at_least="2"), {}).ok
    assert not concurrent(run, Concurrent(of="main.*", at_most=1), {}).ok


def short_lives() -> list[Process]:
    times = [(10, 12), (20, 22), (30, 32)]
    children = [
        process(f"main.{n}", started_us=born, ended_us=ended)
        for n, (born, ended) in enumerate(times, start=1)
    ]
    return [process("main"), *children]


def test_all_forked_before_the_first_is_reaped_however_short_they_live() -> None:
    ids = ["main.1", "main.2", "main.3"]
    good = worked(*map(forks, ids), *map(reaps, ids), processes=short_lives())
    bad = worked(
        *(event for id in ids for event in (forks(id), reaps(id))), processes=short_lives()
    )
    wanted = Concurrent(of="main.*", at_least=3, until="reaped")
    assert concurrent(good, wanted, {}).ok
    result = concurrent(bad, wanted, {})
    assert (result.status, result.seen) == (Status.FAILED, "1 at the same time")
    assert len(result.evidence) == 6


def looks(asked: str) -> Event:
    return did("main", "process.wait", result=0, args={"nohang": True, "asked": asked})


def test_who_looks_by_the_way_waits_for_nobody_and_who_looks_again_does() -> None:
    ids = ["main.1", "main.2", "main.3"]
    by_the_way = [
        *(forks("main.1"), looks("main.1"), forks("main.2"), looks("main.2")),
        *(reaps("main.1", nohang="True"), forks("main.3"), *map(reaps, ids[1:])),
    ]
    in_a_loop = [
        event
        for id in ids
        for event in (forks(id), looks(id), did("main", "time.sleep"), reaps(id, nohang="True"))
    ]
    wanted = Concurrent(of="main.*", at_least=3, until="reaped")
    assert concurrent(worked(*by_the_way, processes=short_lives()), wanted, {}).ok
    assert not concurrent(worked(*in_a_loop, processes=short_lives()), wanted, {}).ok


def test_a_stopped_or_peeked_at_child_is_not_reaped() -> None:
    run = worked(
        forks("main.1"),
        reaps("main.1", stopped="SIGTSTP"),
        forks("main.2"),
        reaps("main.2"),
        reaps("main.1"),
        processes=short_lives(),
    )
    assert concurrent(run, Concurrent(of="main.*", at_least=2, until="reaped"), {}).ok


def test_the_interpreters_own_processes_do_not_count() -> None:
    run = worked(did("main", "process.fork", target="main.1", runtime=True), forks("main.2"))
    run = story(*run.events, processes=[process(id) for id in ("main", "main.1", "main.2")])
    assert not concurrent(run, Concurrent(of="main.*", at_least=2), {}).ok


def test_cpu_and_memory_have_a_bound() -> None:
    run = story(cpu_ms=700, memory_peak_bytes=20 << 20)
    assert cpu(run, 0.7, {}).ok
    assert cpu(run, 0.5, {}).seen == "0.70 s"
    assert memory(run, "20 MiB", {}).ok
    assert memory(run, 20 << 20, {}).ok
    assert memory(run, "19 MiB", {}).seen == "20.0 MiB"
    assert memory(run, "19 MB", {}).status is Status.ERROR


def test_two_stars_mean_a_process_and_all_its_descendants() -> None:
    doers = ("main", "main.1", "main.1.2", "other")
    run = story(*(did(who, "pipe.write", "pipe1", "x") for who in doers))
    assert count(run, Count(event="pipe.write", by="main.**", exactly=3), {}).ok
    assert count(run, Count(event="pipe.write", by="main.*", exactly=1), {}).ok
    assert count(run, Count(event="pipe.write", by="*", exactly=4), {}).ok
