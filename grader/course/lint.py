"""Owns looking at a whole course at once: every problem of every file, none hidden by another.

Loading stops at what it needs; this goes on. It also finds what does no harm until somebody grades:
points that don't add up, patterns that can take for ever, files that are not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from grader.course.assess import Assessed, assess
from grader.course.backtracking import explodes
from grader.course.check_meaning import no_pattern, patterns
from grader.course.decode import in_spite_of, nearest, take_apart
from grader.course.expect import declared
from grader.course.load import (
    ASSIGNMENT_FILE,
    COURSE_FILE,
    assignment_folder,
    assignment_path,
    no_assignment,
)
from grader.course.meaning import NO_LIMITS, course_problems
from grader.course.model import Assignment, Course, Id, Language, Limits
from grader.course.outline import HANDOUT, STUBS
from grader.course.parts import parts
from grader.course.vary import fill, placeholders
from grader.course.yaml import Document, Plain, survey
from grader.errors import CourseError, Problem


class Linted(msgspec.Struct, frozen=True):
    """What was found. assignments: ids of those that were looked at."""

    assignments: list[str]
    problems: list[Problem]


class _Frame(msgspec.Struct, frozen=True):
    """What of `course.yaml` the assignments need, however broken the rest of it is.

    languages: None if it can't be told. most: what limits may be at most.
    """

    folder: Path
    document: Document | None
    ids: list[str]
    languages: dict[str, Language] | None
    most: Limits = NO_LIMITS


class _Named(msgspec.Struct, frozen=True):
    """What of a check others name."""

    id: Id


def lint(folder: Path, ids: Sequence[str] = (), *, reserved: Collection[str] = ()) -> Linted:
    """All problems of `course.yaml` and of these assignments (of all, without ids), file by file.

    reserved: what no assignment can be called. UsageError: there is no such assignment.
    """
    problems: list[Problem] = []
    frame = _frame(folder, problems, reserved)
    wanted = list(dict.fromkeys(ids or frame.ids))
    for id in wanted:
        if id not in frame.ids:
            problems += _unlisted(frame, id)
        problems += _assignment(frame, id)
    return Linted(wanted, problems)


def _frame(folder: Path, problems: list[Problem], reserved: Collection[str]) -> _Frame:
    try:
        document, defects = survey(folder / COURSE_FILE)
    except CourseError as error:
        document, defects = None, list(error.problems)
    if document is None or defects:
        problems += in_spite_of(defects, document, Course)
        return _Frame(folder, None, _folders(folder), None)
    taken = take_apart(document, Course)
    found = taken.problems
    raw = taken.value if isinstance(taken.value, dict) else {}
    most = NO_LIMITS
    if not found:
        course = msgspec.convert(raw, Course)
        found = list(course_problems(document, course))
        most = NO_LIMITS if found else course.limits_max
    listed = raw.get("assignments")
    ids = [id for id in listed if isinstance(id, str)] if isinstance(listed, list) else None
    if ids is None:
        ids = _folders(folder)
    else:
        found += _clashes(document, listed, reserved)
    problems += sorted(found, key=lambda problem: (problem.line, problem.column))
    return _Frame(folder, document, ids, _languages(raw.get("languages")), most)


def _folders(course: Path) -> list[str]:
    """Ids of the assignments that lie there."""
    parent = assignment_folder(course, "x").parent
    return sorted(path.parent.name for path in parent.glob(f"*/{ASSIGNMENT_FILE}"))


def _clashes(document: Document, listed: Plain, reserved: Collection[str]) -> Iterator[Problem]:
    for index, id in enumerate(listed if isinstance(listed, list) else ()):
        if id in reserved:
            yield document.problem(
                ("assignments", index),
                f"`{id}` is a command, so `grade {id}` would never grade it",
                "give the assignment another id: rename its folders, and change this line",
            )


def _languages(raw: Plain) -> dict[str, Language] | None:
    try:
        return msgspec.convert(raw, dict[str, Language])
    except msgspec.ValidationError:
        return None


def _unlisted(frame: _Frame, id: str) -> Iterator[Problem]:
    """UsageError: it is not there either."""
    if not (assignment_folder(frame.folder, id) / ASSIGNMENT_FILE).is_file():
        raise no_assignment(id, frame.ids)
    if frame.document is not None:
        told = f"the assignment `{id}` is not listed here, so nobody can see or grade it"
        yield frame.document.problem(("assignments",), told, f"add `{id}`", key=True)


def _assignment(frame: _Frame, id: str) -> Iterator[Problem]:
    folder = assignment_folder(frame.folder, id)
    known: list[str] | None = None
    try:
        document, defects = survey(assignment_path(folder))
    except CourseError as error:
        document, defects = None, list(error.problems)
    if document is None:
        yield from defects
    elif defects:
        yield from in_spite_of(defects, document, Assignment)
        yield from _files(document, Assessed(None, []), folder, frame.languages)
    else:
        assessed = assess(document, folder, frame.most)
        own = [*assessed.problems, *_beyond_loading(document, assessed)]
        # Those of its own file first, then of its Python files.
        yield from sorted(own, key=lambda one: (one.file != document.file, one.line, one.column))
        yield from _files(document, assessed, folder, frame.languages)
        known = _check_ids(document)
    wrong = frame.folder / "solutions" / id / "wrong"
    for one in sorted(wrong.iterdir()) if wrong.is_dir() else ():
        yield from _expectation(one, id, known)


def _check_ids(document: Document) -> list[str] | None:
    """The ids of all checks, otherwise broken ones too; None if there is no telling."""
    raw = document.value.get("checks") if isinstance(document.value, dict) else None
    try:
        return [check.id for check in msgspec.convert(raw, list[_Named])]
    except msgspec.ValidationError:
        return None


def _expectation(folder: Path, id: str, known: Sequence[str] | None) -> Iterator[Problem]:
    if not folder.is_dir():
        return
    try:
        declared(folder, id, known)
    except CourseError as error:
        yield from error.problems


def _beyond_loading(document: Document, assessed: Assessed) -> Iterator[Problem]:
    """What an assignment can be graded with, and should not be."""
    data = assessed.data
    if data is None:
        return
    yield from _explosions(document, assessed)
    if assessed.broken:
        return
    if data.checks and abs(data.max_score - data.points) > 1e-6:
        yield document.problem(
            ("checks",),
            f"the points of all checks make {data.max_score:g}, not {data.points:g}",
            f"change them, or write `points: {data.max_score:g}` at the top of the file",
            key=True,
        )
    looked_at = {id for check in data.checks for id in check.scenarios}
    if looked_at - data.scenarios.keys():
        return  # a misspelt one is told already, and would be told twice
    for id in data.scenarios:
        if id not in looked_at:
            yield document.problem(
                ("scenarios", id),
                f"no check looks at the scenario `{id}`",
                f"write a check with `scenario: {id}`, or take it out",
                key=True,
            )


def _explosions(document: Document, assessed: Assessed) -> Iterator[Problem]:
    for index, check in enumerate(assessed.data.checks if assessed.data else ()):
        for where, part in parts(check, ("checks", index)):
            for place, pattern in patterns(part, where):
                if _explodes(pattern):
                    yield document.problem(
                        place,
                        "this regular expression can take for ever on a text that almost fits: "
                        "in a loop it can read the same text in two ways",
                        "write each repeated part so that it can begin in one way only, "
                        "like `([a-z]+,)*` instead of `([a-z]+,?)*`",
                    )


def _explodes(pattern: str) -> bool:
    # What a random value is says nothing about the pattern around it.
    filled = fill(pattern, dict.fromkeys(placeholders(pattern), "x"))
    if no_pattern(filled):
        return False  # told already
    try:
        return explodes(filled)
    except RecursionError:
        return False  # it could just be compiled, and is too deep to be looked at


def _files(
    document: Document, assessed: Assessed, folder: Path, languages: dict[str, Language] | None
) -> Iterator[Problem]:
    """Handout and stubs that are not there, and stubs of a language that is none."""
    shown = Path(document.file).parent
    if not (folder / HANDOUT).is_file():
        fix = f"write {shown / HANDOUT}: what students are to do"
        yield document.problem((), "this assignment has no handout", fix)
    if languages is None:
        return
    stubs = folder / STUBS
    for path in sorted(stubs.iterdir()) if stubs.is_dir() else ():
        if path.is_dir() and path.name not in languages:
            yield document.problem(
                (),
                f"{shown / STUBS / path.name} is a folder of stubs, and `{path.name}` is no "
                f"language of {COURSE_FILE}",
                nearest(path.name, languages, kind="languages"),
            )
    for index, program in enumerate(assessed.data.programs if assessed.data else ()):
        for id, language in languages.items():
            name = f"{program}{language.suffix}"
            if not (stubs / id / name).is_file():
                yield document.problem(
                    ("programs", index),
                    f"`{program}` has no stub in the language `{id}`",
                    f"write {shown / STUBS / id / name}: what students begin with",
                )
