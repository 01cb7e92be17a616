"""Owns who a student is, and the roster that says so: any CSV with a header that a course site
exports (Canvas gradebook, Moodle participants or grading worksheet, Gradescope roster) or a list
made by hand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from grader.errors import UsageError

_MAX_ROSTER = 8 << 20


class Student(msgspec.Struct, frozen=True, kw_only=True):
    """One student: `id` is the name in all that the batch writes; the rest as far as known.

    site: the number that a course site gives in file names (Canvas user, Moodle participant).
    """

    id: str
    name: str = ""
    login: str = ""
    email: str = ""
    number: str = ""
    """The university's own: Canvas' SIS user id, Moodle's ID number."""
    site: str = ""
    section: str = ""


class Roster(msgspec.Struct, frozen=True):
    """Everybody of the course. columns: the roster's own header, for names of assignments."""

    students: list[Student] = []
    columns: list[str] = []

    def find(self, handed_in_by: Student) -> Student:
        """The student of the roster who this is, by the surest mark; else as given."""
        given = handed_in_by
        for key, values in (
            ("site", (given.site,)),
            ("number", (given.number, given.id)),
            ("email", (given.email, given.id)),
            ("login", (given.login, given.id)),
            ("id", (given.id,)),
            ("name", (given.name, given.id)),
        ):
            wanted = {_plain(value) for value in values} - {""}
            found = [
                student
                for student in self.students
                if wanted & {_plain(getattr(student, key)), *_turned(key, student)}
            ]
            if len(found) == 1:
                return found[0]
        return given


# What sites call each column, in lower case.
_COLUMNS = {
    "login": ("login", "username", "user name", "user", "sis login id", "login id"),
    "email": ("email", "email address", "e-mail", "e-mail address"),
    "number": ("sis user id", "id number", "student id", "sid", "number", "matriculation number"),
    "site": ("identifier", "canvas id", "canvas user id"),
    "section": ("section", "sections", "group", "groups"),
    "name": ("name", "full name", "student name"),
}
_GIVEN = ("first name", "given name", "firstname")
_FAMILY = ("last name", "surname", "family name", "lastname")


def read_roster(path: Path) -> Roster:
    """The roster in this file, UTF-8 with commas, semicolons or tabs. UsageError: it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_ROSTER + 1)
    except OSError as error:
        raise UsageError(f"the roster cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > _MAX_ROSTER:
        raise UsageError("the roster is larger than 8 MiB", where=str(path))
    text = data.decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"the roster is no CSV: {error}", where=str(path)) from error
    columns = [cell.strip() for cell in rows[0]] if rows else []
    students = [student for row in rows[1:] if (student := _student(columns, row)) is not None]
    if not students:
        raise UsageError(
            "the roster names nobody",
            where=str(path),
            fix="its first line should name columns like: login, name, email, ID number",
        )
    _refuse_doubles(students, path)
    return Roster(students, columns)


def _student(columns: list[str], row: list[str]) -> Student | None:
    cells = {
        column.lower(): cell.strip() for column, cell in zip(columns, row, strict=False) if cell
    }

    def first(names: Iterable[str]) -> str:
        return next((cells[name] for name in names if cells.get(name)), "")

    known = {field: first(names) for field, names in _COLUMNS.items()}
    # A Canvas gradebook calls the name Student and its own number ID; by hand, student is the id.
    canvas = {"id", "sis login id", "section"} <= {column.lower() for column in columns}
    if canvas and not cells.get("id", "").isdigit():
        return None  # the row of what can be reached
    if canvas:
        known["site"] = cells["id"]
        known["name"] = known["name"] or cells.get("student", "")
    known["name"] = known["name"] or f"{first(_GIVEN)} {first(_FAMILY)}".strip()
    by_hand = "" if canvas else first(("student", "id"))
    known["site"] = known["site"].rpartition(" ")[2]  # Moodle: "Participant 4711"
    id = by_hand or next(
        (known[key] for key in ("login", "email", "number", "name", "site") if known[key]), ""
    )
    return Student(id=id, **known) if id else None


def _refuse_doubles(students: list[Student], path: Path) -> None:
    seen: set[str] = set()
    for student in students:
        if student.id in seen:
            raise UsageError(f"the roster names {student.id!r} twice", where=str(path))
        seen.add(student.id)


def _plain(text: str) -> str:
    """For comparing: no case, no blanks, no punctuation, as Canvas writes names into file names."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _turned(key: str, student: Student) -> tuple[str, ...]:
    """A name with the family name first, as Canvas sorts: `Ana de Souza` is `souzaanade` too."""
    words = student.name.replace(",", " ").split() if key == "name" else []
    return tuple(_plain("".join(words[n:] + words[:n])) for n in range(1, len(words)))
