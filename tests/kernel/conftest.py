"""Owns running one compiled tracee inside the sandbox, where a standstill is proven."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.steps import Finish, Start
from grader.run.scenario import run
from grader.run.spec import Bounds, Program, RunSpec, Tree
from grader.trace.model import Recording


@pytest.fixture(scope="session")
def sandboxed() -> Callable[..., Recording]:
    """sandboxed(program, "argument", …) is the recording of one run to its end."""

    def start(program: Path, *arguments: str) -> Recording:
        return run(
            RunSpec(
                scenario="test",
                steps=(Start(start="prog", args=list(arguments)), Finish(finish="prog")),
                programs={"prog": Program(("./prog",), "/home/student/prog")},
                tree=Tree({"prog": (program.read_bytes(), True)}),
                bounds=Bounds(wall=20.0),
            )
        )

    return start
