"""Tables of scores: what is in them, what is empty, and that no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.gradebook import Gradebook, canvas_csv, cell, moodle_csv, plain_csv
from grader.batch.store import Assigned
from grader.batch.student import Student

ANA = Student(
    id="ana", name="Ana de Souza", login="ana", email="a@x.edu", number="S1", site="12", section="T"
)
BEN = Student(id="ben")
BOOK = Gradebook(
    students=[ANA, BEN],
    assignments=[Assigned("pipe", "Hello through a pipe", 10), Assigned("shm", "Memory", 4.5)],
    scores={("ana", "pipe"): 8.5, ("ana", "shm"): 4.0, ("ben", "pipe"): None},
)


def rows(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text))]


def test_one_row_a_student_one_column_an_assignment() -> None:
    assert rows(plain_csv(BOOK)) == [
        ["student", "name", "email", "pipe", "shm", "total", "max_total"],
        ["ana", "Ana de Souza", "a@x.edu", "8.5", "4", "12.5", "14.5"],
        ["ben", "", "", "", "", "0", "14.5"],
    ]


def test_canvas_finds_students_by_id_and_the_points_possible() -> None:
    assert rows(canvas_csv(BOOK)) == [
        [
            "Student",
            "ID",
            "SIS User ID",
            "SIS Login ID",
            "Section",
            "Hello through a pipe",
            "Memory",
        ],
        ["Points Possible", "", "", "", "", "10", "4.5"],
        ["Ana de Souza", "12", "S1", "ana", "T", "8.5", "4"],
        ["ben", "", "", "", "", "", ""],
    ]


def test_a_roster_from_canvas_brings_the_names_of_its_assignments() -> None:
    header = rows(canvas_csv(BOOK, ["Student", "Hello through a pipe (4711)", "SHM (4712)"]))[0]
    assert header[5:] == ["Hello through a pipe (4711)", "SHM (4712)"]


def test_moodle_finds_students_by_participant_or_mail() -> None:
    assert rows(moodle_csv(BOOK))[1] == [
        "Participant 12",
        "ana",
        "S1",
        "a@x.edu",
        "Ana de Souza",
        "8.5",
        "4",
    ]


def test_moodle_gets_no_user_name_that_a_download_made_up() -> None:
    jane = Student(id="Jane Doe", name="Jane Doe", site="4711")
    jo = Student(id="jo@x.edu", name="Jo Roe", email="jo@x.edu")
    book = Gradebook([jane, jo, BEN], [], {})
    assert [row[1] for row in rows(moodle_csv(book))[1:]] == ["", "", "ben"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "=cmd|' /C calc'!A0", "\r=1", "＝1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    hostile = Student(id=text, name=text, login=text, email=text, number=text, site=text)
    book = Gradebook([hostile], [Assigned("pipe", text, 1)], {})
    for table in (plain_csv(book), canvas_csv(book), moodle_csv(book)):
        for line in rows(table):
            assert not any(one.strip().startswith((*"=+-@＝", "|")) for one in line)


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_is_one_cell_without_control(text: str) -> None:
    shown = cell(text)
    shown.encode()  # no lone surrogate
    assert all(
        char.isprintable() or char in "\u200c\u200d\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
        for char in shown
    )
