"""Owns the public side of a course, the students' bundle: assignments without hidden checks and
what only these use, handouts, stubs. Solutions have no place in it.

Nothing goes in that is not named here: of an assignment's folder the assignment itself, README.md,
`handout/` (pictures and the like), `stubs/`, and `checks.py` if a public check needs it. An
assignment without hidden checks is copied as it is, but for the line with which an editor finds its
schema, which stays where the course is written. One with hidden checks is written anew from
its values, for its comments may speak of them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from grader.course.bind import varied
from grader.course.dump import dump
from grader.course.load import ASSIGNMENT_FILE, COURSE_FILE, assignment_document, load_assignment
from grader.course.model import Assignment, LoadedAssignment, LoadedCourse, Vary
from grader.course.parts import parts
from grader.course.python_checks import CHECKS_FILE
from grader.course.selection import hidden_scenarios
from grader.course.vary import placeholders
from grader.course.yaml import Plain, parse
from grader.errors import CourseError, UsageError

PUBLIC = ("README.md", "handout", "stubs")
"""What of an assignment's folder is public besides the assignment."""

_REWRITTEN = "# The checks that you can run yourself; written by `grade export`.\n"
_SCHEMA_LINE = re.compile(rb"\A# yaml-language-server: \$schema=(?!https?:)[^\n]*\n")
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755


class Points(msgspec.Struct, frozen=True):
    """What the public checks of an assignment come to, and what all of them do."""

    assignment: str
    public: float
    all: float


class Bundle(msgspec.Struct, frozen=True):
    """The public files by their path in the course (with `/`), in the order of their names.

    left_out: files and folders of assignments that are not public, but for hidden entries.
    """

    files: Mapping[str, bytes]
    points: tuple[Points, ...]
    left_out: tuple[str, ...]


def bundle(course: LoadedCourse) -> Bundle:
    """The public side of the course.

    CourseError: the course or an assignment is broken, or has no public check. UsageError: a
    file cannot be read, or is none: links are not followed, wherever they lead.
    """
    files = {COURSE_FILE: _SCHEMA_LINE.sub(b"", _content(course.folder / COURSE_FILE))}
    points: list[Points] = []
    left_out: list[str] = []
    for id in course.data.assignments:
        loaded = load_assignment(course, id)
        files[f"assignments/{id}/{ASSIGNMENT_FILE}"] = _assignment_file(course, loaded)
        public = sum(check.points for check in loaded.data.checks if not check.hidden)
        points.append(Points(id, round(public, 6), round(loaded.data.max_score, 6)))
        for folder in (loaded.folder.parent, loaded.folder):
            if not stat.S_ISDIR(_kind(folder)):
                raise _no_regular("folder", folder)
        for entry in _entries(loaded.folder):
            name = entry.relative_to(course.folder).as_posix()
            if entry.name in PUBLIC or (entry.name == CHECKS_FILE and CHECKS_FILE in loaded.python):
                files |= {f"{name}{path}": data for path, data in _below(entry)}
            elif entry.name != ASSIGNMENT_FILE:
                left_out.append(name)
    return Bundle(dict(sorted(files.items())), tuple(points), tuple(left_out))


def write(bundle: Bundle, folder: Path) -> None:
    """Write the bundle into this folder, which is made, or there and empty. The same bundle makes
    the same names, contents and modes.

    UsageError: something is there already, or it cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} is there already, and not an empty folder",
                where=str(folder),
                fix="give a new one, or delete this one first if it is an older export",
            )
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(_FOLDER_MODE)
        for name, content in bundle.files.items():
            path = folder / name
            for parent in reversed(path.relative_to(folder).parents[:-1]):
                (folder / parent).mkdir(exist_ok=True)
                (folder / parent).chmod(_FOLDER_MODE)
            path.write_bytes(content)
            path.chmod(_FILE_MODE)
    except OSError as error:
        raise UsageError(
            f"the export cannot be written: {error.strerror}",
            where=str(error.filename or folder),
            fix="give another folder",
        ) from error


def public_values(assignment: Assignment, value: dict[str, Plain]) -> dict[str, Plain]:
    """The values of an `assignment.yaml` without its hidden checks, and without the scenarios
    and random values that no other check needs. assignment: the same file, decoded."""
    used = _used(assignment)
    top = {
        name for id, names in used.items() for name in names - assignment.scenarios[id].vary.keys()
    }
    public = {**value, "checks": _visible(value)}
    public["scenarios"] = {
        id: _varying(scenario, used[id])
        for id, scenario in _mapping(value["scenarios"]).items()
        if id in used
    }
    return _varying(public, top)


def _used(assignment: Assignment) -> dict[str, set[str]]:
    """By scenario that visible checks look at: the random values that it and they need."""
    hidden = hidden_scenarios(assignment)
    used: dict[str, set[str]] = {}
    for id, scenario in assignment.scenarios.items():
        if id in hidden:
            continue
        checks = [one for one in assignment.checks if id in one.scenarios and not one.hidden]
        texts = [part for _, part in parts([*scenario.run, *checks], ()) if isinstance(part, str)]
        wanted = [name.partition(".")[0] for text in texts for name in placeholders(text)]
        kinds = varied(assignment, id)
        names: set[str] = set()
        while wanted:
            name = wanted.pop()
            kind = kinds.get(name)
            if kind is not None and name not in names:
                names.add(name)
                follows = kind.derived_from if isinstance(kind, Vary) else []
                wanted += [part for part in follows if isinstance(part, str)]
        used[id] = names
    return used


def _visible(value: dict[str, Plain]) -> list[Plain]:
    checks = value["checks"]
    assert isinstance(checks, list), "it was decoded"
    return [check for check in checks if not _mapping(check).get("hidden")]


def _varying(value: Plain, names: set[str]) -> dict[str, Plain]:
    """A scenario's or assignment's values with only these under `vary`."""
    whole = _mapping(value)
    kept = {name: kind for name, kind in _mapping(whole.get("vary", {})).items() if name in names}
    return {
        key: kept if key == "vary" else item for key, item in whole.items() if key != "vary" or kept
    }


def _mapping(value: Plain) -> dict[str, Plain]:
    assert isinstance(value, dict), "it was decoded"
    return value


def _assignment_file(course: LoadedCourse, loaded: LoadedAssignment) -> bytes:
    path = loaded.folder / ASSIGNMENT_FILE
    content = _content(path)
    _, document = assignment_document(course, loaded.id)
    checks = loaded.data.checks
    if not any(check.hidden for check in checks):
        return _SCHEMA_LINE.sub(b"", content)
    if all(check.hidden for check in checks):
        told = "all its checks are hidden, so there is nothing for students to be graded by"
        fix = f"let one be seen, or take `{loaded.id}` out of {COURSE_FILE}"
        raise CourseError([document.problem(("checks",), told, fix)])
    public = public_values(loaded.data, _mapping(document.value))
    written = (_REWRITTEN + dump(public)).encode()
    assert parse(written, str(path)).value == public, "what was written is read as it was"
    return written


def _entries(folder: Path) -> list[Path]:
    """What the folder holds, in order of names, but for hidden and generated entries."""
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name != "__pycache__"
    )


def _below(entry: Path) -> Iterator[tuple[str, bytes]]:
    """The file itself as "", or all files below the folder as "/a/b"."""
    if stat.S_ISDIR(_kind(entry)):
        for inner in _entries(entry):
            yield from ((f"/{inner.name}{path}", data) for path, data in _below(inner))
    else:
        yield "", _content(entry)


def _content(path: Path) -> bytes:
    if not stat.S_ISREG(_kind(path)):
        raise _no_regular("file", path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _no_regular(what: str, path: Path) -> UsageError:
    return UsageError(
        f"{path} is no {'regular ' if what == 'file' else ''}{what} but a link or the like, and "
        "links are not exported",
        where=str(path),
        fix=f"put a copy of the {what} itself there, or take it away",
    )


def _kind(path: Path) -> int:
    """What the path itself is; a link is a link."""
    try:
        return os.lstat(path).st_mode
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be read: {error.strerror}", where=str(path), fix="mend that")
