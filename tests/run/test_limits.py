"""What a run may use: each limit has its own name, and what stays within it never meets one."""

from __future__ import annotations

import pytest

from grader.course.steps import Finish, Start
from grader.run.spec import Bounds
from grader.trace.model import Outcome
from tests.run.conftest import Stage

START = Start(start="prog")
FINISH = Finish(finish="prog")


def test_long_output_is_cut_in_the_middle_and_counted(stage: Stage) -> None:
    bounds = Bounds(wall=20, output=4000)
    run = stage("print('x' * 3999)", START, FINISH, bounds=bounds)
    assert (run.outcome, run.actors[0].stdout_bytes) == (Outcome.FINISHED, 4000)
    run = stage("print('a' * 3000 + 'b' * 3000, flush=True)", START, FINISH, bounds=bounds)
    actor = run.actors[0]
    assert (run.limit, actor.stdout_bytes, actor.stdout_cut) == ("output", 6001, 2001)
    assert actor.stdout.startswith("aaa")
    assert actor.stdout.endswith("bbb\n")


LIMITS = {
    "cpu": ("while True: pass", Bounds(wall=60, cpu=0.5)),
    "wall": ("import time; time.sleep(60)", Bounds(wall=1)),
    "memory": ("x = b'x' * (400 << 20); input()", Bounds(wall=60, cpu=20, memory=100 << 20)),
    "processes": (
        "import os\nfor _ in range(30): os.fork() or os.read(os.pipe()[0], 1)",
        Bounds(wall=60, processes=10),
    ),
    "output": ("while True: print('x' * 1000)", Bounds(wall=60, output=10_000)),
}


def test_processes_that_take_turns_are_never_too_many(stage: Stage) -> None:
    relay = "import os\nfor _ in range(40):\n if os.fork(): os._exit(0)"
    run = stage(relay, START, FINISH, bounds=Bounds(wall=60, cpu=30, processes=8))
    assert (run.outcome, run.limit, len(run.processes)) == (Outcome.FINISHED, None, 41)


def test_one_process_too_many_that_all_sleep_is_the_limit_and_no_deadlock(stage: Stage) -> None:
    family = "import os\nfor _ in range({}): os.fork() or os.read(os.pipe()[0], 1)\nos.wait()"
    for children, limit in ((9, None), (10, "processes")):
        run = stage(family.format(children), START, FINISH, bounds=Bounds(wall=60, processes=10))
        assert (run.limit, run.outcome is Outcome.DEADLOCK) == (limit, limit is None)


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_has_its_own_name(stage: Stage, limit: str) -> None:
    program, bounds = LIMITS[limit]
    run = stage(program, START, FINISH, bounds=bounds)
    assert run.limit == limit
    assert run.outcome is (Outcome.TIMEOUT if limit == "wall" else Outcome.LIMIT)
    assert run.detail
