"""Owns playing a scenario with one Python program, and what tests look up in its recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.steps import Step
from grader.run.scenario import run
from grader.run.spec import Bounds, Program, RunSpec, Tree
from grader.trace.model import Observation, Recording, StepResult

Stage = Callable[..., Recording]


@pytest.fixture(scope="session")
def stage() -> Stage:
    """stage(source, step, …) is the recording of the scenario; the program is called `prog`."""

    def play(source: str, *steps: Step, bounds: Bounds = Bounds(wall=20.0)) -> Recording:  # noqa: B008 - frozen
        program = Program(("{python}", "prog.py"), "/home/student/prog.py")
        return run(
            RunSpec(
                scenario="test",
                steps=steps,
                programs={"prog": program},
                tree=Tree({"prog.py": (source.encode(), False)}),
                bounds=bounds,
                packages=("sysv_ipc",),
            )
        )

    return play


@pytest.fixture(scope="session")
def stage_binary() -> Stage:
    """The same with a compiled program."""

    def play(program: Path, *steps: Step, bounds: Bounds = Bounds(wall=20.0)) -> Recording:  # noqa: B008 - frozen
        return run(
            RunSpec(
                scenario="test",
                steps=steps,
                programs={"prog": Program(("./prog",), "/home/student/prog")},
                tree=Tree({"prog": (program.read_bytes(), True)}),
                bounds=bounds,
            )
        )

    return play


def missed(recording: Recording) -> StepResult | None:
    """The step that was not reached, if there is one."""
    return next((step for step in recording.steps if not step.reached), None)


def seen(recording: Recording, name: str) -> Observation:
    """What the grader saw last under this name."""
    found = [o for step in recording.steps for o in step.observed if o.name == name]
    assert found, f"nothing was seen as {name}"
    return found[-1]
