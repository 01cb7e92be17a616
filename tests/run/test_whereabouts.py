"""A run that did not finish tells the line at which each of its threads waits or computes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grader.check.explain import explain
from grader.course.steps import Finish, Start
from grader.kernel import pyspy
from grader.run.scenario import run
from grader.run.spec import Bounds, Program, RunSpec, Tree
from grader.trace.model import RUNNING, Outcome, Recording, Wait
from tests.kernel.test_calling import marked

Compiled = Callable[..., Path]

PATIENT = Bounds(wall=20.0)
SHORT = Bounds(wall=1.0)
BUSY = Bounds(wall=20.0, cpu=0.6)


def run_one(content: bytes, program: Program, *arguments: str, bounds: Bounds) -> Recording:
    name = Path(program.path or "").name
    return run(
        RunSpec(
            scenario="test",
            steps=(Start(start="it", args=list(arguments)), Finish(finish="it")),
            programs={"it": program},
            tree=Tree({name: (content, True)}),
            bounds=bounds,
        )
    )


def run_c(program: Path, *arguments: str, bounds: Bounds = PATIENT) -> Recording:
    it = Program(("./it",), "/home/student/it")
    return run_one(program.read_bytes(), it, *arguments, bounds=bounds)


def run_python(text: str, bounds: Bounds = PATIENT) -> Recording:
    it = Program(("{python}", "it.py"), "/home/student/it.py")
    return run_one(text.encode(), it, bounds=bounds)


def place(wait: Wait) -> tuple[str, int, str | None] | None:
    found = wait.source
    return (Path(found.file).name, found.line, found.function) if found is not None else None


def places(recording: Recording) -> dict[str, tuple[str, int, str | None] | None]:
    return {wait.process: place(wait) for wait in recording.waits}


# -- C -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [("-O0",), ("-O2",), ("-O1", "-static"), ("-O1", "-no-pie")])
def test_parent_and_child_of_a_deadlock_are_at_their_lines(
    flags: tuple[str, ...], compiled: Compiled
) -> None:
    recording = run_c(compiled("lines_stuck", *flags))
    line = marked("lines_stuck")
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {
        "main": ("lines_stuck.c", line["in main: wait"], "main"),
        "main.1": ("lines_stuck.c", line["in receive"], "receive"),
    }


def test_a_wait_deep_in_the_c_library_is_at_the_students_line(compiled: Compiled) -> None:
    recording = run_c(compiled("lines_stuck", "-O1"), "stdio")
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording)["main"] == (
        "lines_stuck.c",
        marked("lines_stuck")["in main: fgetc"],
        "main",
    )


@pytest.mark.parametrize(("how", "function"), [("spin", "spin"), ("ask", "ask_kernel")])
@pytest.mark.parametrize("flags", [("-O0",), ("-O2",)])
def test_a_spinning_program_is_told_where_it_spins(
    how: str, function: str, flags: tuple[str, ...], compiled: Compiled
) -> None:
    recording = run_c(compiled("lines_stuck", *flags), how, bounds=BUSY)
    line = marked("lines_stuck")
    assert (recording.outcome, recording.limit) == (Outcome.LIMIT, "cpu")
    waits = {wait.process: wait for wait in recording.waits}
    assert waits["main.1"].call == RUNNING
    spot = place(waits["main.1"])
    assert spot is not None
    assert spot[2] == function
    near = line[f"in {function}"]
    assert near - 1 <= spot[1] <= near + 1  # the loop's head, its test or its body
    assert place(waits["main"]) == ("lines_stuck.c", line["in main: wait"], "main")
    told = " ".join(explain(recording))
    assert f"main.1 was spinning in {function} at " in told
    assert "main waits in wait4 at " in told


def test_a_sleeper_is_told_where_it_sleeps_at_the_wall_limit(compiled: Compiled) -> None:
    recording = run_c(compiled("lines_stuck", "-O1"), "nap", bounds=SHORT)
    line = marked("lines_stuck")
    assert (recording.outcome, recording.limit) == (Outcome.TIMEOUT, "wall")
    assert places(recording) == {
        "main": ("lines_stuck.c", line["in main: sleep"], "main"),
    }


def test_without_debug_information_a_deadlock_is_proven_all_the_same(compiled: Compiled) -> None:
    recording = run_c(compiled("lines_stuck", "-g0"))
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {"main": None, "main.1": None}


def test_garbage_for_debug_information_is_no_harm(compiled: Compiled) -> None:
    content = bytearray(compiled("lines_stuck", "-O1").read_bytes())
    names = content.rindex(b".debug_line\0")
    assert names > 0
    table = int.from_bytes(content[40:48], "little")
    for at in range(table, len(content) - 63, 64):  # every section that is not loaded
        offset, size = (int.from_bytes(content[at + n : at + n + 8], "little") for n in (24, 32))
        if not int.from_bytes(content[at + 16 : at + 24], "little") and not (
            offset <= names < offset + size
        ):
            content[offset : offset + size] = b"\xa5" * size
    it = Program(("./it",), "/home/student/it")
    recording = run_one(bytes(content), it, bounds=PATIENT)
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {"main": None, "main.1": None}


# -- Python ------------------------------------------------------------------------------------

STUCK = """\
import os

def receive(end):
    return os.read(end, 10)

def main():
    reading, writing = os.pipe()
    if os.fork() == 0:
        receive(reading)
    os.wait()

main()
"""

SPINNING = """\
def work():
    count = 0
    while True:
        count += 1

work()
"""

LIBRARY = """\
import multiprocessing

def talk():
    mine, theirs = multiprocessing.Pipe()
    mine.recv()

talk()
"""

THREADS = """\
import threading

lock = threading.Lock()

def second():
    lock.acquire()

lock.acquire()
thread = threading.Thread(target=second)
thread.start()
thread.join()
"""


def test_a_stuck_python_program_is_at_its_line() -> None:
    recording = run_python(STUCK)
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {"main": ("it.py", 10, "main"), "main.1": ("it.py", 4, "receive")}
    assert "main.1 waits in read at it.py:4 for data" in explain(recording)[0]


def test_a_spinning_python_program_is_at_its_line() -> None:
    recording = run_python(SPINNING, BUSY)
    assert recording.limit == "cpu"
    (wait,) = recording.waits
    assert wait.call == RUNNING
    assert place(wait) in (("it.py", 3, "work"), ("it.py", 4, "work"))
    assert "main was spinning in work at it.py:" in " ".join(explain(recording))


def test_the_students_own_line_is_told_where_the_standard_library_waits() -> None:
    recording = run_python(LIBRARY, SHORT)
    assert places(recording) == {"main": ("it.py", 5, "talk")}


def test_each_python_thread_is_at_its_own_line() -> None:
    recording = run_python(THREADS, SHORT)
    assert {(wait.thread, place(wait)) for wait in recording.waits} == {
        (0, ("it.py", 11, None)),
        (1, ("it.py", 6, "second")),
    }


def test_where_py_spy_is_missing_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyspy, "find", lambda: None)
    recording = run_python(STUCK)
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {"main": None, "main.1": None}


def test_where_the_spy_says_nothing_sensible_nothing_is_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = partial(os.open, "/bin/true", os.O_PATH | os.O_CLOEXEC)
    monkeypatch.setattr(pyspy, "find", silent)
    recording = run_python(STUCK)
    assert recording.outcome is Outcome.DEADLOCK
    assert places(recording) == {"main": None, "main.1": None}
