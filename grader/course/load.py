"""Owns finding and loading a course and its assignments from a folder."""

from __future__ import annotations

import os
from pathlib import Path

from grader.course.assess import assess
from grader.course.decode import decode, in_order, in_spite_of, nearest
from grader.course.meaning import course_problems
from grader.course.model import Assignment, Course, LoadedAssignment, LoadedCourse
from grader.course.yaml import Document, shown, survey
from grader.errors import CourseError, Problem, UsageError

COURSE_FILE = "course.yaml"
ASSIGNMENT_FILE = "assignment.yaml"

_PACKAGE = Path(__file__).resolve().parents[1]
_CAME_WITH_US = (_PACKAGE / "public", _PACKAGE.parent)
"""What a wheel carries (`hatch_build.py`), or else the checkout."""


def find_course(start: Path | None = None) -> LoadedCourse:
    """The course of `course_folder`, loaded. CourseError: its file is broken."""
    return load_course(course_folder(start))


def course_folder(start: Path | None = None) -> Path:
    """This folder if it holds a course; without one, the working folder or the nearest folder above
    it that has a `course.yaml`, or else the course that came with the grader, in its wheel or its
    checkout.

    UsageError: there is none.
    """
    if start is not None:
        if not os.path.lexists(start / COURSE_FILE):
            raise UsageError(
                f"there is no {COURSE_FILE} in {start}",
                where=str(start),
                fix="give the folder that holds the course",
            )
        return start
    here = Path.cwd()
    for folder in (here, *here.parents, *_CAME_WITH_US):
        if os.path.lexists(folder / COURSE_FILE):
            return folder
    raise UsageError(
        f"no {COURSE_FILE} is in this folder or in any above it",
        where=str(here),
        fix="go to the folder of the course, or name it with --course",
    )


def load_course(folder: Path) -> LoadedCourse:
    """The course of this folder. CourseError: all problems of its `course.yaml`."""
    folder = folder.resolve()
    document = _sound(folder / COURSE_FILE, Course)
    data = decode(document, Course)
    if problems := list(course_problems(document, data)):
        raise CourseError(in_order(problems))
    return LoadedCourse(folder=folder, data=data)


def load_assignment(course: LoadedCourse, id: str) -> LoadedAssignment:
    """One assignment of the course.

    UsageError: the course has no such assignment. CourseError: all problems of its file, and of
    its Python checks, which are run to find them.
    """
    folder, document = assignment_document(course, id)
    assessed = assess(document, folder, course.data.limits_max)
    if assessed.data is None or assessed.problems:
        raise CourseError(assessed.problems)
    data = assessed.data
    show_hidden = course.data.show_hidden if data.show_hidden is None else data.show_hidden
    return LoadedAssignment(
        id=id, folder=folder, data=data, show_hidden=show_hidden, python=assessed.python
    )


def assignment_document(course: LoadedCourse, id: str) -> tuple[Path, Document]:
    """The folder of an assignment and its file, read but not decoded.

    UsageError: the course has no such assignment. CourseError: the file is missing or no YAML.
    """
    known = course.data.assignments
    if id not in known:
        raise no_assignment(id, known)
    folder = assignment_folder(course.folder, id)
    return folder, assignment_file(folder)


def no_assignment(id: str, known: list[str]) -> UsageError:
    """The error for an id that is none of these."""
    hint = nearest(id, known, kind="assignments")
    everything = f" This course has: {', '.join(known)}" if hint.startswith("did") else ""
    return UsageError(f"there is no assignment {id!r}", where=id, fix=hint + everything)


def assignment_folder(course: Path, id: str) -> Path:
    """Where a course in this folder has the assignment."""
    return course / "assignments" / id


def assignment_file(folder: Path) -> Document:
    """The `assignment.yaml` in this folder. CourseError: it is missing or no YAML."""
    return _sound(assignment_path(folder), Assignment)


def _sound(path: Path, kind: type[Course | Assignment]) -> Document:
    """The document of a file without a defect. CourseError: all that can be told of it."""
    document, defects = survey(path)
    if document is None or defects:
        raise CourseError(in_spite_of(defects, document, kind))
    return document


def assignment_path(folder: Path) -> Path:
    """Of the `assignment.yaml` in this folder. CourseError: it is missing."""
    path = folder / ASSIGNMENT_FILE
    id = folder.name
    if _is_missing(path):
        raise CourseError(
            [
                Problem(
                    shown(path),
                    1,
                    1,
                    f"{COURSE_FILE} lists the assignment `{id}`, but this file does not exist",
                    f"write it, or take `{id}` out of {COURSE_FILE}",
                )
            ]
        )
    return path


def _is_missing(path: Path) -> bool:
    """Whether it is not there; what cannot be looked at may be."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
