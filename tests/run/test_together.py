"""Scenarios run side by side: what comes back, in which order, and what an early end leaves."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from grader.course.steps import Finish, Start
from grader.errors import InfrastructureError
from grader.run.scenario import run_together
from grader.run.spec import Bounds, Isolation, Program, RunSpec, Tree


def spec(source: str, *, isolation: Isolation | None = None, wall: float = 30.0) -> RunSpec:
    return RunSpec(
        scenario=source,
        steps=(Start(start="prog"), Finish(finish="prog")),
        programs={"prog": Program(("{python}", "prog.py"), "/home/student/prog.py")},
        tree=Tree({"prog.py": (source.encode(), False)}),
        bounds=Bounds(wall=wall),
        isolation=isolation,
    )


def children() -> str:
    """The processes that this one has to reap (proc_tid_children(5))."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


@pytest.mark.parametrize("isolation", [None, "namespaces", "landlock"])
def test_recordings_come_in_the_order_of_the_scenarios(isolation: Isolation | None) -> None:
    slow_first = [f"sum(range({50 - n} * 100_000)); print({n})" for n in range(6)]
    recordings = run_together([spec(source, isolation=isolation) for source in slow_first])
    assert [seen.actors[0].stdout for seen in recordings] == [f"{n}\n" for n in range(6)]


def test_who_stops_listening_ends_what_still_runs() -> None:
    before = children()
    forever = spec("import time\nwhile True: time.sleep(1)", wall=600.0)
    recordings = run_together([spec("print(1)"), forever, forever])
    assert next(recordings).actors[0].stdout == "1\n"
    recordings.close()
    assert children() == before


def test_a_sandbox_that_cannot_be_set_up_ends_all_with_its_reason() -> None:
    before = children()
    impossible = msgspec.structs.replace(spec(""), packages=("no_such_package",))
    with pytest.raises(InfrastructureError, match="no_such_package"):
        list(run_together([impossible, impossible, spec("print(1)")]))
    assert children() == before
