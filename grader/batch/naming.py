"""Owns whose a file or folder is, from the names that downloads of course sites give them.

Canvas      doejane_12345_67890_hello.py, doejane_LATE_12345_67890_pipe.zip,
            anon_x7Qf2_67890_hello.py, LATE_anon_x7Qf2_67890_hello.py
Moodle      Jane Doe_4711_assignsubmission_file/…, Jane Doe_4711_assignsubmission_file_x.zip,
            Default group_assignsubmission_file/…
Gradescope  submission_98765/…, with submission_metadata.yml beside it
by hand     jane/…, jane.zip, jane.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.batch.archive import is_archive, stem
from grader.batch.student import Roster, Student
from grader.errors import UsageError
from grader.report.clean import clean_line

METADATA = "submission_metadata.yml"
_FIX = "give the folder that holds a folder or an archive for each student"
_MAX_METADATA = 64 << 20

_CANVAS = re.compile(r"(?P<name>.+?)_(?:LATE_)?(?P<site>\d+)_\d+_(?P<file>.+)", re.DOTALL)
_CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?(?P<name>anon_[^_]+)_\d+_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<site>\d+))?_assignsubmission_file_?(?P<file>.*)", re.DOTALL
)
_OTHER_MOODLE = re.compile(r".*_assignsubmission_(?!file)", re.DOTALL)
_AGAIN = re.compile(r"(.+)-\d+(\.[^.]+|\.tar\.[^.]+)")
"""Canvas marks what was handed in again: hello-1.py."""


class Handed(msgspec.Struct):
    """All that one student handed in. files: paths with the name the student gave them; a folder
    has the empty name, its content is at the top. called: the student's id but for the roster."""

    student: Student
    files: list[tuple[Path, str]] = msgspec.field(default_factory=list)
    called: str = ""


class Found(msgspec.Struct, frozen=True):
    """What lies in the folder of submissions. ignored: names that are nobody's submission."""

    handed: list[Handed]
    ignored: list[str]


def find_handed(folder: Path, suffixes: Iterable[str]) -> Found:
    """All submissions, in order of their names.

    suffixes: of programs that may lie there as single files. UsageError: unreadable, none there,
    or two under one name.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        packed = isinstance(error, NotADirectoryError) and is_archive(folder.name)
        raise UsageError(
            f"the submissions cannot be read: {error.strerror}",
            where=str(folder),
            fix="unpack it first, and give the folder that comes out" if packed else _FIX,
        ) from error
    people = _gradescope(folder / METADATA)
    wanted = tuple(suffixes)
    by_student: dict[tuple[str, str], Handed] = {}
    ignored: list[str] = []
    for path in entries:
        owners, file = _owners(path, people, wanted)
        if not owners:
            ignored.append(clean_line(path.name))
        for student in owners:
            handed = by_student.setdefault((student.id, student.site), Handed(student))
            # Only sites give a number, and several files for one; by hand, two of a name are two.
            if handed.files and not student.site:
                raise UsageError(
                    f"two submissions are called {student.id!r}: {handed.files[0][0].name} and "
                    f"{path.name}",
                    where=str(folder),
                    fix="keep the one that counts",
                )
            handed.files.append((path, file))
    if not by_student:
        raise UsageError(
            "there is no submission in this folder",
            where=str(folder),
            fix=_FIX,
        )
    return Found([_latest(handed) for handed in _distinct(by_student.values())], ignored)


def recognised(found: Iterable[Handed], roster: Roster) -> list[Handed]:
    """The same submissions, as those of students of the roster.

    UsageError: two are one student's, or the roster takes them for one's.
    """
    by_id: dict[str, Handed] = {}
    for handed in found:
        student = roster.find(handed.student)
        if first := by_id.get(student.id):
            names = (one.files[0][0].name for one in (first, handed))
            raise UsageError(
                f"two submissions are the same student's, {student.id!r}: "
                f"{' and '.join(map(clean_line, names))}",
                where=str(handed.files[0][0].parent),
                fix="keep the one that counts, or correct the roster",
            )
        by_id[student.id] = Handed(student, handed.files, handed.student.id)
    return [*by_id.values()]


def _owners(
    path: Path, people: dict[str, list[Student]], suffixes: tuple[str, ...]
) -> tuple[list[Student], str]:
    """Whose it is (a group's is each member's), and what they called it; nobody's if it is no
    submission."""
    name = path.name
    folder = path.is_dir()
    if name.startswith((".", "__")) or name == METADATA or not (folder or path.is_file()):
        return [], ""
    if name in people:
        return people[name], ""
    if _OTHER_MOODLE.match(name):
        return [], ""
    if found := _MOODLE.fullmatch(name):
        given, site = clean_line(found["name"]), found["site"] or ""
        student = Student(id=given or site or clean_line(name), name=given, site=site)
        return [student], "" if folder else found["file"]
    if folder:
        return [_by_hand(name)], ""
    if found := _CANVAS_ANONYMOUS.fullmatch(name):
        # What Canvas calls an unnamed student is also the only number that there is.
        return [Student(id=clean_line(found["name"]), site=found["name"])], found["file"]
    if found := _CANVAS.fullmatch(name):
        return [Student(id=clean_line(found["name"]), site=found["site"])], found["file"]
    if is_archive(name):
        return [_by_hand(stem(name))], name
    suffix = next((suffix for suffix in suffixes if name.endswith(suffix)), None)
    return ([], "") if suffix is None else ([_by_hand(name.removesuffix(suffix))], name)


def _by_hand(name: str) -> Student:
    return Student(id=clean_line(name))


def _latest(handed: Handed) -> Handed:
    """Of files that were handed in several times, the last, under its first name."""
    kept: dict[str, tuple[Path, str]] = {}
    for path, file in sorted(handed.files, key=lambda one: _times(one[1])):
        again = _AGAIN.fullmatch(file) if handed.student.site else None
        first = again[1] + again[2] if again else file
        kept[first or path.name] = (path, first)
    return Handed(handed.student, list(kept.values()))


def _times(file: str) -> int:
    again = _AGAIN.fullmatch(file)
    return int(file[len(again[1]) + 1 : -len(again[2])]) if again else 0


def _distinct(handed: Iterable[Handed]) -> Iterator[Handed]:
    """Namesakes get their site's number into their names."""
    everybody = list(handed)
    names = [one.student.id for one in everybody]
    for one in everybody:
        if names.count(one.student.id) > 1:
            student = one.student
            name = student.name or student.id
            one.student = Student(id=f"{student.id}-{student.site}", name=name, site=student.site)
        yield one


def _gradescope(path: Path) -> dict[str, list[Student]]:
    """Folder to students."""
    if not path.is_file():
        return {}
    import yaml

    # All scalars as text, no tag obeyed: a number may begin with a zero, and Ruby has tags of its
    # own for times and bytes. In C where PyYAML has it: an export of a large course is long.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        with path.open("rb") as file:
            document = yaml.load(file.read(_MAX_METADATA), Loader=loader)
    except (yaml.YAMLError, OSError, ValueError) as error:
        raise UsageError(
            f"{METADATA} cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            fix="download the submissions from Gradescope again, or remove this file",
        ) from error
    folders = document if isinstance(document, dict) else {}
    return {
        str(folder): [_submitter(told, str(folder)) for told in _submitters(entry)]
        for folder, entry in folders.items()
    }


def _submitters(entry: Any) -> list[dict[str, Any]]:
    told = entry.get(":submitters") if isinstance(entry, dict) else None
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _submitter(told: dict[str, Any], folder: str) -> Student:
    name, number, email = (
        clean_line(str(told.get(key) or "")) for key in (":name", ":sid", ":email")
    )
    return Student(id=email or number or name or folder, name=name, number=number, email=email)
