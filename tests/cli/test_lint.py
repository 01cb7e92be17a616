"""`grade lint`: what it prints for people, for programs and for GitHub, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.calls import in_pipe


def test_the_shipped_course_has_no_problems(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2]
    ended = in_pipe("lint", "--course", str(shipped))
    assert ended.status == 0
    assert ended.text.startswith("grade: no problems in course.yaml and ")


def test_people_get_each_problem_with_its_fix_and_a_count(course: Path) -> None:
    ended = in_pipe("lint", "broken", "--course", str(course))
    path = course / "assignments/broken/assignment.yaml"
    assert ended.status == 2
    assert ended.text.splitlines()[:3] == [
        f"{path}:4:54: `color` is no key of a scenario",
        "    keys of a scenario: run, title, vary, limits",
        f"{path}:6:42: `points` must be a number, not text",
    ]
    assert ended.text.splitlines()[-1] == (
        "grade: 5 problems in 1 file, of course.yaml and 1 assignment"
    )


def test_programs_get_one_object(course: Path) -> None:
    ended = in_pipe("lint", "broken", "--format", "json", "--course", str(course))
    told = json.loads(ended.text)
    assert (ended.status, told["schema"], told["assignments"]) == (2, "grade/lint/v1", ["broken"])
    assert told["problems"][0] == {
        "file": str(course / "assignments/broken/assignment.yaml"),
        "line": 4,
        "column": 54,
        "message": "`color` is no key of a scenario",
        "fix": "keys of a scenario: run, title, vary, limits",
    }


def test_a_course_without_problems_is_an_empty_list(lessons: Path) -> None:
    for id in ("pipe", "pair", "bare"):
        (lessons.parent / "assignments" / id / "README.md").write_text("# Do it\n")
    text = lessons.parent / "assignments/pair/assignment.yaml"
    text.write_text("points: 1\n" + text.read_text())
    ended = in_pipe("lint", "pair", "--format", "json")
    assert ended.status == 0
    assert json.loads(ended.text)["problems"] == []


def test_github_gets_annotations_that_nothing_can_break_out_of(course: Path) -> None:
    path = course / "assignments/pipe/assignment.yaml"
    path.write_text('title: Hello\nprogra,ms: []\n"100%\\n::error::x": 1\n')
    ended = in_pipe("lint", "pipe", "--format", "github", "--course", str(course))
    lines = ended.text.splitlines()
    assert ended.status == 2
    assert lines[0].startswith(f"::error file={path},line=1,col=1,title=grade lint::")
    assert any("`100%25" in line for line in lines)
    assert sum(line.startswith("::error ") for line in lines) == len(lines) - 1


def test_an_assignment_called_like_a_command_is_told(course: Path) -> None:
    file = course / "course.yaml"
    file.write_text(file.read_text().replace("broken", "doctor"))
    ended = in_pipe("lint", "--course", str(course))
    assert (
        f"{file}:2:21: `doctor` is a command, so `grade doctor` would never grade it\n"
        in ended.text
    )


def test_an_unknown_assignment_is_wrong_usage(course: Path) -> None:
    ended = in_pipe("lint", "pip")
    assert (ended.status, ended.text.splitlines()[0]) == (2, "grade: there is no assignment 'pip'")


def test_help_has_examples(course: Path) -> None:
    ended = in_pipe("lint", "--help")
    assert ended.status == 0
    assert "grade lint --format github" in ended.text
