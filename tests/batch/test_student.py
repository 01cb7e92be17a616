"""Rosters as course sites export them, and finding who handed something in."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.student import Roster, Student, read_roster
from grader.errors import UsageError

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Hello through a pipe (4711)
    Points Possible,,,,,10
"Doe, Jane",12345,S007,jdoe,Tue,
"Roe, Jo",222,S008,jroe,Wed,7
"""
MOODLE = """\
Identifier;Full name;Email address;ID number
Participant 4711;Jane Doe;jane@x.edu;S007
Participant 4712;Jo Roe;jo@x.edu;S008
"""


def roster(tmp_path: Path, text: str) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    return read_roster(path)


def test_a_canvas_gradebook_is_a_roster(tmp_path: Path) -> None:
    students = roster(tmp_path, CANVAS).students
    assert [one.id for one in students] == ["jdoe", "jroe"]
    assert students[0] == Student(
        id="jdoe", name="Doe, Jane", login="jdoe", number="S007", site="12345", section="Tue"
    )


def test_a_moodle_worksheet_is_a_roster(tmp_path: Path) -> None:
    students = roster(tmp_path, "\ufeff" + MOODLE).students
    assert [(one.id, one.site, one.name) for one in students] == [
        ("jane@x.edu", "4711", "Jane Doe"),
        ("jo@x.edu", "4712", "Jo Roe"),
    ]


def test_a_list_by_hand_is_a_roster(tmp_path: Path) -> None:
    students = roster(tmp_path, "student,name\nana,Ana de Souza\nben,\n").students
    assert [(one.id, one.name) for one in students] == [("ana", "Ana de Souza"), ("ben", "")]


@pytest.mark.parametrize(
    "handed_in",
    [
        Student(id="doejane", site="12345"),
        Student(id="janedoe"),
        Student(id="doejane"),
        Student(id="JDOE"),
        Student(id="s007"),
        Student(id="someone", number="S007"),
    ],
)
def test_a_student_is_found_by_number_login_or_name(tmp_path: Path, handed_in: Student) -> None:
    assert roster(tmp_path, CANVAS).find(handed_in).id == "jdoe"


def test_who_is_not_on_the_roster_stays_who_they_are(tmp_path: Path) -> None:
    stranger = Student(id="mallory", site="999")
    assert roster(tmp_path, CANVAS).find(stranger) == stranger


def test_namesakes_are_not_guessed() -> None:
    twins = Roster([Student(id="a", name="Jane Doe"), Student(id="b", name="Jane Doe")])
    assert twins.find(Student(id="Jane Doe")) == Student(id="Jane Doe")


def test_a_cell_ends_where_csv_says_not_where_a_line_seems_to(tmp_path: Path) -> None:
    text = 'login,name\r\nana,"Ana\nde Souza"\r\nben,Ben\u2028Roe\r\n'
    assert [one.id for one in roster(tmp_path, text).students] == ["ana", "ben"]


@pytest.mark.parametrize("text", ["", "name\n", "login\nana\nana\n", "x,y\n1,2\n"])
def test_what_is_no_roster_is_wrong_usage(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        roster(tmp_path, text)
