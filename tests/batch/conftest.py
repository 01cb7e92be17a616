"""A course whose one assignment is quickly graded, and folders of submissions for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.load import load_assignment, load_course
from grader.course.model import LoadedAssignment, LoadedCourse

COURSE = """\
title: Tiny course
assignments: [pipe, pair]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, build: [cc, -o, "{program}", "{source}"], run: ["{program}"]}
"""
PIPE = """\
title: Hello
programs: [hello]
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}]}
checks:
  - {id: ends, title: Ends well, points: 3, scenario: greeting, exit: 0}
  - {id: says, title: Says hi, points: 1, scenario: greeting, stdout: hi}
"""
PAIR = """\
title: Two programs
programs: [server, client]
scenarios:
  alone: {run: [{start: server}, {finish: server}]}
checks:
  - {id: ends, title: Ends well, points: 2, scenario: alone, exit: 0}
"""
HI = "print('hi')\n"
MUTE = "pass\n"
CRASH = "raise SystemExit(1)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a course with the assignments pipe (4 points) and pair (2)."""
    (tmp_path / "course.yaml").write_text(COURSE)
    for id, text in (("pipe", PIPE), ("pair", PAIR)):
        place = tmp_path / "assignments" / id
        place.mkdir(parents=True)
        (place / "assignment.yaml").write_text(text)
    return tmp_path


@pytest.fixture
def course(folder: Path) -> LoadedCourse:
    return load_course(folder)


@pytest.fixture
def pipe(course: LoadedCourse) -> LoadedAssignment:
    return load_assignment(course, "pipe")


@pytest.fixture
def pair(course: LoadedCourse) -> LoadedAssignment:
    return load_assignment(course, "pair")


@pytest.fixture
def hand_in(folder: Path) -> Callable[..., Path]:
    """hand_in(ana=HI, ben=CRASH) makes submissions/ana/hello.py, …; returns the folder."""

    def make(**programs: str) -> Path:
        submissions = folder / "submissions"
        for student, program in programs.items():
            (submissions / student).mkdir(parents=True, exist_ok=True)
            (submissions / student / "hello.py").write_text(program)
        return submissions

    return make
