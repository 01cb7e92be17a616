"""Owns `expect.yaml`: which checks a wrong program of the course says it fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from grader.course.conditions import Closed
from grader.course.decode import decode, in_order, in_spite_of, nearest
from grader.course.yaml import shown, survey
from grader.errors import CourseError, Problem

EXPECT_FILE = "expect.yaml"


class Expectation(Closed, frozen=True, kw_only=True):
    """`expect.yaml` of a wrong program: the ids of all checks that it fails, and what is wrong."""

    fails: list[str]
    about: str
    version: Literal[1] = 1


def declared(folder: Path, assignment: str, known: Sequence[str] | None) -> frozenset[str]:
    """The checks that the wrong program in this folder says it fails.

    assignment: the id; known: of its checks, None if that can't be told. CourseError: it does not
    say it, or names checks that there are not.
    """
    path = folder / EXPECT_FILE
    if not path.is_file():
        told = "this wrong program does not say which checks it fails"
        fix = f"write {EXPECT_FILE} with `fails: [CHECK, …]` and `about: …`"
        raise CourseError([Problem(shown(path), 1, 1, told, fix)])
    document, defects = survey(path)
    if document is None or defects:
        raise CourseError(in_spite_of(defects, document, Expectation))
    expectation = decode(document, Expectation)
    problems = [
        document.problem(
            ("fails", index),
            f"the assignment `{assignment}` has no check `{id}`",
            nearest(id, known, kind="checks"),
        )
        for index, id in enumerate(expectation.fails)
        if known is not None and id not in known
    ]
    if not expectation.fails:
        told = "a wrong program fails at least one check"
        problems.append(document.problem(("fails",), told, "a correct one belongs to variants/"))
    if problems:
        raise CourseError(in_order(problems))
    return frozenset(expectation.fails)
