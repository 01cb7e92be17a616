"""`grade export` writes what students get, and says what that is and is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.cli.main import main
from tests.cli.test_only import ECHO

Captured = pytest.CaptureFixture[str]
COURSE = """\
title: Tiny course
assignments: [pipe]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
"""


@pytest.fixture
def hiding(course: Path) -> Path:
    """The course with one assignment, of whose three checks one is hidden."""
    (course / "course.yaml").write_text(COURSE)
    (course / "assignments" / "pipe" / "assignment.yaml").write_text(ECHO)
    return course


def test_it_says_how_much_and_which_points_are_missing(
    hiding: Path, tmp_path: Path, capsys: Captured
) -> None:
    (hiding / "assignments/pipe/notes.txt").write_text("mine")
    assert main(["export", str(tmp_path / "public")]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"1 assignment in 2 files written to {tmp_path}/public",
        "  pipe: 3 of 7 points; students can't see the hidden checks' points at home",
        "  not public, left out: assignments/pipe/notes.txt",
    ]
    assert err == ""


def test_students_are_graded_by_the_public_checks(
    hiding: Path, tmp_path: Path, capsys: Captured
) -> None:
    public = str(tmp_path / "public")
    assert main(["export", public]) == 0
    Path("hello.py").write_text("import sys\nprint(*sys.argv[1:])\n")
    capsys.readouterr()
    assert main(["pipe", "--course", public, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["score"], report["max_score"]) == (3, 3)
    assert [check["id"] for check in report["checks"]] == ["ends", "echoes"]
    assert "trap" not in json.dumps(report)


def test_a_folder_that_is_not_empty_is_left_alone(hiding: Path, capsys: Captured) -> None:
    Path("mine.txt").write_text("mine")
    assert main(["export", "."]) == 2
    assert "give a new one" in capsys.readouterr().err
    assert [path.name for path in Path.cwd().iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("level", "allowed", "seen"),
    [
        ("course.yaml", "true", True),
        ("assignment.yaml", "true", True),
        ("course.yaml", "false", False),
    ],
)
def test_the_course_or_the_assignment_lets_students_see_a_line(
    hiding: Path, capsys: Captured, level: str, allowed: str, seen: bool
) -> None:
    file = hiding / level if level == "course.yaml" else hiding / "assignments/pipe" / level
    file.write_text(f"{file.read_text()}show_hidden: {allowed}\n")
    Path("hello.py").write_text("import sys\nprint(*sys.argv[1:])\n")
    assert main(["pipe"]) == 0
    out = capsys.readouterr().out
    assert ("A hidden check" in out) is seen
    assert "7 of 7 points" in out
    assert "No trap" not in out


def test_it_is_not_written_among_the_assignments(hiding: Path, capsys: Captured) -> None:
    """There it would look like one of them."""
    for name in ("assignments/public", "solutions"):
        assert main(["export", str(hiding / name)]) == 2
        assert "lies in the course's own" in capsys.readouterr().err
        assert not (hiding / name).exists()
    assert main(["export", str(hiding / "public")]) == 0
