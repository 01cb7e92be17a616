"""`grade` alone and `grade list`: where a student is, the same in a terminal and in a pipe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.main import main
from grader.course import load
from grader.errors import UsageError
from grader.report.columns import width
from tests.cli.calls import in_pipe, in_terminal

Captured = pytest.CaptureFixture[str]


def overview(capsys: Captured) -> list[str]:
    """The lines of the overview that say anything, their blanks squeezed."""
    assert main([]) == 0
    text = capsys.readouterr().out
    return [" ".join(line.split()) for line in text.split("\n") if line]


def test_a_newcomer_is_told_to_start_with_the_first(lessons: Path, capsys: Captured) -> None:
    assert overview(capsys) == [
        "Tiny course 0 of 3 passed · 0 of 5.5 points",
        "· untouched pipe Hello – / 3.5",
        "· untouched pair Hello – / 1",
        "· untouched bare Bare – / 1",
        'Next: pipe, "Hello"',
        "grade start pipe",
    ]


def test_from_start_to_full_marks_it_always_knows_the_next_step(
    lessons: Path, capsys: Captured
) -> None:
    assert main(["start", "pipe", "--lang", "python"]) == 0
    capsys.readouterr()
    assert overview(capsys)[-2:] == [
        "Next: pipe is begun, but has not been graded yet.",
        "grade pipe",
    ]
    program = lessons / "pipe" / "hello.py"
    program.write_text("print('ho')\n")
    assert main(["pipe"]) == 1
    capsys.readouterr()
    assert overview(capsys)[-2:] == ["Next: pipe, where 1 check still fails.", "grade hint pipe"]
    assert main(["hint", "pipe"]) == 0
    assert main(["hint", "pipe"]) == 0
    capsys.readouterr()
    assert overview(capsys)[-2:] == ["Next: pipe, where 1 check still fails.", "grade pipe"]
    program.write_text("print('hi')\n")
    assert main(["pipe"]) == 0
    capsys.readouterr()
    assert overview(capsys) == [
        "Tiny course 1 of 3 passed · 3.5 of 5.5 points",
        "✓ passed pipe Hello 3.5 / 3.5",
        "· untouched pair Hello – / 1",
        "· untouched bare Bare – / 1",
        'Next: pair, "Hello"',
        "grade start pair",
    ]


def test_a_program_that_was_not_built_is_for_the_compiler(lessons: Path, capsys: Captured) -> None:
    Path("hello.c").write_text("int main(void) { return nothing; }\n")
    assert main(["pipe"]) == 1
    capsys.readouterr()
    assert overview(capsys)[-2:] == [
        "Next: pipe could not be built; the compiler says where.",
        "grade pipe",
    ]
    assert main(["hint", "pipe"]) == 0
    assert "the compiler says where" in capsys.readouterr().out


def test_a_course_without_assignments_says_how_to_make_one(lessons: Path, capsys: Captured) -> None:
    (lessons / "course.yaml").write_text("title: New\nassignments: []\nlanguages: {}\n")
    assert main([]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "",
        "This course has no assignments yet. To make the first one:",
        "  grade new ID",
    ]
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.startswith("grade: this course has no assignments yet")


def test_outside_any_course_it_says_so(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(start: Path | None = None) -> None:
        raise UsageError("no course.yaml is in this folder or in any above it", where="/")

    monkeypatch.setattr(load, "find_course", nowhere)
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no course.yaml" in err
    assert "grade list --course DIR" in err


def test_a_broken_assignment_and_a_broken_progress_file_spoil_nothing(
    course: Path, capsys: Captured
) -> None:
    (course / "assignments/broken/assignment.yaml").write_text("title: [")
    Path(".grade.yaml").write_text("[")
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert "! broken" in out
    assert "· untouched" in out
    assert err.count("the progress file cannot be understood") == 1
    assert ".grade.yaml:2:1" in err
    assert "or remove it" in err


def test_list_has_languages_points_and_state(lessons: Path, capsys: Captured) -> None:
    Path("hello.py").write_text("print('ho')\n")
    assert main(["pipe"]) == 1
    capsys.readouterr()
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert [" ".join(line.split()) for line in lines] == [
        "id title languages points state",
        "pipe Hello python, c 1.5 / 3.5 › in progress",
        "pair Hello python, c – / 1 · untouched",
        "bare Bare python, c – / 1 · untouched",
        "",
    ]


def test_list_shows_another_course(lessons: Path, capsys: Captured, tmp_path: Path) -> None:
    assert main(["list", "--course", str(tmp_path / "nowhere")]) == 2
    assert main(["list", "--course", str(lessons.parent)]) == 0
    assert "pipe" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_a_terminal_gets_colours_and_a_pipe_the_same_words(
    lessons: Path, arguments: list[str]
) -> None:
    (lessons / "hello.c").touch()
    terminal = in_terminal(*arguments)
    piped = in_pipe(*arguments)
    assert (terminal.status, piped.status) == (0, 0)
    assert "\x1b[33m" in terminal.text
    assert "\x1b" not in piped.text
    assert terminal.text.replace("\x1b[33m", "").replace("\x1b[0m", "") == piped.text
    assert in_terminal(*arguments, env={"NO_COLOR": "1"}).text == piped.text
    assert max(width(line) for line in piped.text.split("\n")) <= 80


def test_listing_reads_neither_rich_nor_the_kernel(lessons: Path) -> None:
    code = (
        "import sys; from grader.cli.main import main; main(['list']); main([]); "
        "print(*(m for m in ('rich', 'jinja2', 'grader.kernel', 'grader.grade') "
        "if m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
