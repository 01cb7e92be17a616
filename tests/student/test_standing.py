"""Where a student is: from what lies in the folder and what was graded, to what is next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course.load import load_course
from grader.course.model import LoadedCourse
from grader.student.progress import Attempt, Entry, Journal, load, store, with_entry
from grader.student.standing import Standing, State, grading, next_of, standing, survey

COURSE = """\
title: Tiny
assignments: [fork, pipe, shm]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, run: ["{program}"]}
"""
ASSIGNMENT = """\
title: Any
programs: [hello]
scenarios: {one: {run: [{start: hello}, {finish: hello}]}}
checks: [{id: ends, title: Ends, points: 4, scenario: one, exit: 0}]
"""
NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def course(tmp_path: Path) -> LoadedCourse:
    root = tmp_path / "course"
    for id in ("fork", "pipe", "shm"):
        (root / "assignments" / id).mkdir(parents=True)
        (root / "assignments" / id / "assignment.yaml").write_text(ASSIGNMENT)
    (root / "course.yaml").write_text(COURSE)
    return load_course(root)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The student's folder."""
    folder = tmp_path / "os"
    folder.mkdir()
    return folder


def put_down(folder: Path, id: str, score: float, hour: int = 0) -> None:
    """As if it had been graded."""
    folder.mkdir(exist_ok=True)
    attempt = Attempt(
        score=score,
        of=4,
        passed=score == 4,
        when=NOON + timedelta(hours=hour),
        language="c",
        seed=1,
    )
    journal: Journal = load(folder)
    store(folder, with_entry(journal, id, Entry(best=attempt, last=attempt)))


def states(course: LoadedCourse, cwd: Path) -> list[State]:
    return [one.state for one in survey(course, cwd).standings]


def following(course: LoadedCourse, cwd: Path) -> str | None:
    one: Standing | None = next_of(survey(course, cwd).standings)
    return one.id if one else None


def test_without_work_all_is_untouched_and_the_first_is_next(
    course: LoadedCourse, work: Path
) -> None:
    assert states(course, work) == [State.UNTOUCHED] * 3
    assert following(course, work) == "fork"


def test_a_program_in_its_folder_is_begun_another_file_is_not(
    course: LoadedCourse, work: Path
) -> None:
    for name in ("fork/notes.txt", "pipe/hello.c"):
        (work / name).parent.mkdir()
        (work / name).touch()
    assert states(course, work) == [State.UNTOUCHED, State.IN_PROGRESS, State.UNTOUCHED]
    assert following(course, work) == "pipe"


def test_full_marks_once_are_passed_whatever_came_later(course: LoadedCourse, work: Path) -> None:
    put_down(work / "fork", "fork", 4)
    put_down(work / "pipe", "pipe", 3)
    found = survey(course, work).standings
    assert [one.state for one in found] == [State.PASSED, State.IN_PROGRESS, State.UNTOUCHED]
    assert [(one.score, one.max_score) for one in found] == [(4, 4), (3, 4), (0, 4)]


def test_what_was_graded_last_and_is_not_passed_is_next(course: LoadedCourse, work: Path) -> None:
    put_down(work / "fork", "fork", 1, hour=1)
    put_down(work / "pipe", "pipe", 2, hour=2)
    put_down(work / "shm", "shm", 4, hour=3)
    assert following(course, work) == "pipe"


def test_a_file_called_like_an_assignment_is_no_folder(course: LoadedCourse, work: Path) -> None:
    (work / "pipe").touch()
    found = survey(course, work)
    assert [one.state for one in found.standings] == [State.UNTOUCHED] * 3
    assert found.troubles == []


def test_when_all_is_passed_nothing_is_next(course: LoadedCourse, work: Path) -> None:
    for id in ("fork", "pipe", "shm"):
        put_down(work / id, id, 4)
    assert following(course, work) is None


def test_all_in_one_folder_is_found_too(course: LoadedCourse, work: Path) -> None:
    put_down(work, "fork", 4)
    put_down(work, "pipe", 1)
    assert states(course, work) == [State.PASSED, State.IN_PROGRESS, State.UNTOUCHED]


def test_from_inside_one_assignments_folder_the_others_are_seen(
    course: LoadedCourse, work: Path
) -> None:
    put_down(work / "fork", "fork", 4)
    put_down(work / "pipe", "pipe", 1)
    assert states(course, work / "pipe") == [State.PASSED, State.IN_PROGRESS, State.UNTOUCHED]
    untouched = survey(course, work / "pipe").standings[2]
    assert untouched.folder == work / "shm"


def test_a_broken_assignment_hides_no_other(course: LoadedCourse, work: Path) -> None:
    (course.folder / "assignments/fork/assignment.yaml").write_text("title: [")
    assert states(course, work) == [State.BROKEN, State.UNTOUCHED, State.UNTOUCHED]
    assert following(course, work) == "pipe"


def test_a_broken_progress_file_is_told_once_and_hides_no_other(
    course: LoadedCourse, work: Path
) -> None:
    put_down(work / "fork", "fork", 4)
    (work / ".grade.yaml").write_text("[")
    found = survey(course, work)
    assert found.standings[0].state is State.PASSED
    [trouble] = found.troubles
    assert "cannot be understood" in trouble.message


@pytest.mark.parametrize(
    ("cwd", "files", "command"),
    [
        (".", ["pipe/hello.c"], "grade pipe"),
        (".", ["hello.c"], "grade pipe"),
        ("pipe", ["pipe/hello.c"], "grade pipe"),
        ("fork", ["pipe/hello.c", "fork/x"], "grade pipe ../pipe"),
        (".", ["pipe/hello.c", "pipe/hello.py"], "grade pipe --lang python"),
        (".", ["hello.c", "pipe/x"], "grade pipe ."),
    ],
)
def test_what_to_type_is_as_short_as_it_can_be(
    course: LoadedCourse, work: Path, cwd: str, files: list[str], command: str
) -> None:
    for name in files:
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).touch()
    outline = survey(course, work).standings[1].outline
    assert outline is not None
    found = standing(course, outline, work / cwd)
    assert grading(course, outline, found.folder, work / cwd) == command
