"""Owns what an assignment asks to be built and run, as data without placeholders or names of the
course: one BuildSpec for a submission, one RunSpec for each scenario."""

from __future__ import annotations

import msgspec

from grader.course.bind import bind
from grader.course.limits import build_limits, scenario_limits
from grader.course.model import Assignment, Course, Language, Limits
from grader.run.spec import Bounds, BuildSpec, Isolation, Program, RunSpec, Tree

HOME = "/home/student"
"""The work folder of a submission inside the sandbox."""


def build_spec(
    course: Course,
    assignment: Assignment,
    *,
    language: Language,
    tree: Tree,
    isolation: Isolation | None,
) -> BuildSpec:
    """One command a program. Names stay relative to the work folder, as in a student's terminal,
    so the compiler's words and the line table say `hello.c`."""
    return BuildSpec(
        commands=build_commands(assignment, language),
        tree=tree,
        keep=tuple(assignment.programs),
        bounds=_bounds(build_limits(course)),
        isolation=isolation,
    )


def build_commands(assignment: Assignment, language: Language) -> tuple[tuple[str, ...], ...]:
    """How the programs are built, one after another; none in a language without a build."""
    command = language.build or []
    return tuple(_fill(command, f"{stem}{language.suffix}", stem) for stem in assignment.programs)


def run_spec(
    course: Course,
    assignment: Assignment,
    id: str,
    *,
    language: Language,
    tree: Tree,
    seed: int,
    isolation: Isolation | None,
) -> RunSpec:
    """The scenario of this id with the random values of the seed."""
    steps, values = bind(assignment, id, seed)
    return RunSpec(
        scenario=id,
        steps=tuple(steps),
        programs={stem: _program(stem, language) for stem in assignment.programs},
        tree=tree,
        bounds=_bounds(scenario_limits(course, assignment, id)),
        packages=tuple(language.packages),
        values=dict(values),
        isolation=isolation,
    )


def _bounds(complete: Limits) -> Bounds:
    return Bounds(**msgspec.structs.asdict(complete))


def _program(stem: str, language: Language) -> Program:
    program = f"{HOME}/{stem}"
    source = f"{program}{language.suffix}"
    path = program if language.build is not None else source
    return Program(argv=_fill(language.run, source, program), path=path)


def _fill(template: list[str], source: str, program: str) -> tuple[str, ...]:
    """The command; `{python}` stays, the sandbox knows where its interpreter lies."""
    return tuple(
        word.replace("{source}", source).replace("{program}", program) for word in template
    )
