"""Owns the tables of scores: the gradebook, and what Canvas and Moodle import.

A cell that a spreadsheet would take for a formula gets an apostrophe; a score that the grader could
not give, or of what was not handed in, stays empty.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

import msgspec

from grader.batch.store import Assigned, Result
from grader.batch.student import Student
from grader.report.clean import clean_line
from grader.report.words import points

_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠|%]")
_IMPORTED = re.compile(r"(.+) \(\d+\)")
"""A Canvas column of an assignment that exists there: `Pipe (4711)`."""


class Gradebook(msgspec.Struct, frozen=True):
    """Students and assignments in order, and the results that there are."""

    students: Sequence[Student]
    assignments: Sequence[Assigned]
    scores: dict[tuple[str, str], float | None]
    """By student and assignment; None: the grader could not grade it."""


def gradebook(
    students: Sequence[Student], assignments: Sequence[Assigned], results: Iterable[Result]
) -> Gradebook:
    scores = {(result.student, result.assignment): result.score for result in results}
    return Gradebook(students, assignments, scores)


def plain_csv(book: Gradebook) -> str:
    """One row a student, one column an assignment, and the sum."""
    ids = [one.id for one in book.assignments]
    rows = [["student", "name", "email", *ids, "total", "max_total"]]
    whole = points(sum(one.max_score for one in book.assignments))
    for student in book.students:
        cells = _cells(book, student)
        reached = [book.scores.get((student.id, id)) for id in ids]
        total = points(sum(score for score in reached if score is not None))
        rows.append([student.id, student.name, student.email, *cells, total, whole])
    return _csv(rows)


def canvas_csv(book: Gradebook, columns: Sequence[str] = ()) -> str:
    """For Canvas' Grades, Import. columns: of a roster that Canvas exported, whose names of
    assignments bring their numbers along; without, Canvas asks which assignment is meant."""
    known = {
        found[1].casefold(): column for column in columns if (found := _IMPORTED.fullmatch(column))
    }
    titles = [
        known.get(one.title.casefold()) or known.get(one.id.casefold()) or one.title
        for one in book.assignments
    ]
    largest = [points(one.max_score) for one in book.assignments]
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles],
        ["Points Possible", "", "", "", "", *largest],
    ]
    for student in book.students:
        who = [student.name or student.id, student.site, student.number, student.login]
        rows.append([*who, student.section, *_cells(book, student)])
    return _csv(rows)


def moodle_csv(book: Gradebook) -> str:
    """For Moodle's Grades, Import, CSV file; Identifier is the grading worksheet's."""
    header = ["Identifier", "Username", "ID number", "Email address", "Full name"]
    rows = [[*header, *(one.title for one in book.assignments)]]
    for student in book.students:
        identifier = f"Participant {student.site}" if student.site else ""
        # An id that a download made up is nobody's user name, and Moodle would look for one.
        made_up = student.site or student.id in (student.email, student.number)
        login = student.login or ("" if made_up else student.id)
        who = [identifier, login, student.number, student.email]
        rows.append([*who, student.name, *_cells(book, student)])
    return _csv(rows)


def _cells(book: Gradebook, student: Student) -> list[str]:
    scores = [book.scores.get((student.id, one.id)) for one in book.assignments]
    return ["" if score is None else points(score) for score in scores]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(text) for text in row] for row in rows)
    return out.getvalue()


def cell(text: str) -> str:
    """Text for one cell: on one line, nothing invisible, no formula."""
    cleaned = clean_line(text)
    return f"'{cleaned}" if _FORMULA.match(cleaned) else cleaned
