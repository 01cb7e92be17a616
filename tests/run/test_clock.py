"""The wall limit: what a loaded machine takes is given back, what the program takes is not."""

from __future__ import annotations

import os
import subprocess
import sys

from grader.kernel.proc import Schedule, schedule
from grader.run.clock import Clock


class Machine:
    """A machine whose time and threads are told to it."""

    def __init__(self) -> None:
        self.time = 100.0
        self.threads: dict[int, Schedule] = {}
        self.clock = Clock(10.0, now=lambda: self.time, schedule=self.threads.get)

    def passes(self, seconds: float, **threads: tuple[float, float]) -> float:
        """Time passes in which each thread (t1=…) runs and waits so long; what is left then."""
        self.time += seconds
        for name, (ran, waited) in threads.items():
            tid = int(name.removeprefix("t"))
            before = self.threads.get(tid, Schedule(0.0, 0.0))
            self.threads[tid] = Schedule(before.ran + ran, before.waited + waited)
        self.clock.look(self.threads)
        return self.clock.left()


def test_a_program_that_sleeps_gets_no_more_than_its_time() -> None:
    machine = Machine()
    assert machine.passes(4.0, t1=(0.1, 0.0)) == 6.0
    assert machine.passes(7.0, t1=(0.1, 0.0)) == 0.0


def test_time_without_a_cpu_is_given_back() -> None:
    machine = Machine()
    assert machine.passes(4.0, t1=(1.0, 3.0)) == 9.0
    assert machine.passes(4.0, t1=(1.0, 1.0)) == 6.0


def test_threads_that_wait_for_each_other_have_the_cpu_all_the_same() -> None:
    machine = Machine()
    assert machine.passes(4.0, t1=(2.0, 2.0), t2=(2.0, 2.0)) == 6.0


def test_a_thread_number_that_is_used_again_begins_anew() -> None:
    machine = Machine()
    assert machine.passes(4.0, t1=(0.0, 4.0)) == 10.0
    machine.threads[1] = Schedule(0.0, 0.0)
    assert machine.passes(4.0, t1=(0.0, 1.0)) == 7.0


def test_patience_ends() -> None:
    machine = Machine()
    for _ in range(3):
        assert machine.passes(10.0, t1=(0.0, 10.0)) == 10.0
    assert machine.passes(10.0, t1=(0.0, 10.0)) == 0.0


def test_a_kernel_that_does_not_count_gives_the_plain_limit() -> None:
    machine = Machine()
    machine.time += 4.0
    machine.clock.look([1, 2])
    assert machine.clock.left() == 6.0


def test_the_kernel_counts() -> None:
    before = schedule(os.getpid())
    assert before is not None
    sum(range(100_000))
    after = schedule(os.getpid())
    assert after is not None
    assert after.ran >= before.ran > 0
    assert after.waited >= before.waited >= 0
    assert schedule(1 << 30) is None


def test_the_kernels_own_limit_is_far_above_what_is_graded() -> None:
    """It counts whole ticks, which on a loaded machine are more than a program has had: one that
    spun was killed without a word after 4.8 of its 5 seconds."""
    code = (
        "from resource import RLIMIT_CPU, getrlimit\n"
        "from grader.kernel.launch import Limits, apply_limits\n"
        "apply_limits(Limits(cpu=5.0, files=1 << 20, descriptors=64))\n"
        "print(getrlimit(RLIMIT_CPU)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert int(done.stdout) == 20
