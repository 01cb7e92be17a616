"""Wrong usage gets one clear message on stderr, nothing on stdout, and exit status 2."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import __version__
from grader.cli.errors import describe
from grader.cli.main import _COMMANDS, main
from grader.errors import UsageError

Captured = pytest.CaptureFixture[str]


def refused(arguments: list[str], capsys: Captured) -> str:
    """What `grade` says on stderr when it refuses."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grade: ")
    return err


def test_an_unknown_assignment_names_the_nearest(course: Path, capsys: Captured) -> None:
    said = refused(["pip"], capsys)
    assert "there is no assignment 'pip'" in said
    assert "did you mean" in said
    assert "pipe" in said


def test_a_mistyped_command_names_the_nearest(course: Path, capsys: Captured) -> None:
    assert "did you mean `grade trace`?" in refused(["trcae", "ls"], capsys)


def test_what_is_like_nothing_is_neither_command_nor_assignment(
    course: Path, capsys: Captured
) -> None:
    said = refused(["whatever"], capsys)
    assert said.startswith("grade: there is no command and no assignment 'whatever'\n")
    assert said.endswith("; for commands: grade --help\n")


def test_a_missing_folder_is_named(course: Path, capsys: Captured) -> None:
    assert "there is no such file or folder (nowhere)" in refused(["pipe", "nowhere"], capsys)


def test_two_languages_ask_for_the_option(course: Path, capsys: Captured) -> None:
    Path("hello.py").touch()
    Path("hello.c").touch()
    assert "--lang python" in refused(["pipe"], capsys)


def test_a_broken_assignment_tells_all_its_problems(course: Path, capsys: Captured) -> None:
    said = refused(["broken"], capsys)
    assert "assignment.yaml:4:" in said
    assert "assignment.yaml:6:" in said
    assert "2 problems" in said


def test_a_course_that_is_not_there(course: Path, capsys: Captured) -> None:
    assert "course.yaml" in refused(["pipe", "--course", "nowhere"], capsys)


@pytest.mark.parametrize(
    "arguments",
    [["--colour"], ["pipe", "--sed", "1"], ["pipe", "--seed", "-1"], ["pipe", "a", "b"], ["trace"]],
)
def test_wrong_arguments_point_to_the_help(
    course: Path, capsys: Captured, arguments: list[str]
) -> None:
    assert "--help` shows how it is used" in refused(arguments, capsys)


def test_what_a_submission_is_called_cannot_steer_the_terminal(
    course: Path, capsys: Captured
) -> None:
    assert "\\x1b]0;owned" in refused(["pipe", "\x1b]0;owned"], capsys)


def test_help_names_commands_exit_statuses_and_the_assignments(
    course: Path, capsys: Captured
) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert "grade trace -- COMMAND" in text
    assert "3  the grader could not do its work" in text
    assert "pipe, broken" in text
    assert max(map(len, text.split("\n"))) <= 80


def test_the_help_of_an_assignment_works_before_there_is_a_submission(
    course: Path, capsys: Captured
) -> None:
    assert main(["pipe", "--help"]) == 0
    assert "./pipe/" in capsys.readouterr().out


def test_the_version(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_a_closed_stream_gives_its_number_to_no_file() -> None:
    code = (
        "import os, sys; from grader.cli.main import main; status = main(['--version']);"
        "sys.exit(status or sys.stdout is None or min(os.open('/', 0), os.get_inheritable(2)) < 1)"
    )
    closed = ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, code]
    assert subprocess.run(closed, check=False).returncode == 0


def test_starting_up_reads_neither_rich_nor_the_kernel() -> None:
    code = (
        "import sys, grader.cli.main; "
        "print(*(m for m in ('rich', 'yaml', 'jinja2', 'grader.kernel', 'grader.run') "
        "if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_decodes_and_judges_is_read_while_a_compiler_runs_not_before() -> None:
    later = {
        "grader.kernel.table",
        "grader.run.shared",
        "grader.check.judge",
        "hashlib",
        "tempfile",
    }
    code = f"import sys, grader.cli.grading; print(*({later} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--colour"],
            "grade: there is no option --colour\n  `grade --help` shows how it is used\n",
        ),
        (["show"], "grade: ASSIGNMENT is missing\n  `grade show --help` shows how it is used\n"),
        (
            ["batch", "hand-ins", "-a", "pipe"],
            "grade: the option --out OUT is missing\n  `grade batch --help` shows how it is used\n",
        ),
        (
            ["verify", "-j", "0"],
            "grade: 0 is too small; the least is 1 (--jobs)\n"
            "  `grade verify --help` shows how it is used\n",
        ),
        (
            ["pipe", "--seed", "-1"],
            "grade: -1 is not between 0 and 9223372036854775807 (--seed)\n"
            "  `grade pipe --help` shows how it is used\n",
        ),
        (
            ["pipe", "--seed", "x"],
            "grade: 'x' is not a whole number (--seed)\n"
            "  `grade pipe --help` shows how it is used\n",
        ),
        (
            ["pipe", "--sede", "1"],
            "grade: there is no option --sede\n"
            "  did you mean --seed? `grade pipe --help` shows how it is used\n",
        ),
        (
            ["completion", "ksh"],
            "grade: 'ksh' is not one of 'bash', 'zsh', 'fish' (SHELL)\n"
            "  `grade completion --help` shows how it is used\n",
        ),
    ],
)
def test_wrong_arguments_are_told_like_all_else(
    course: Path, capsys: Captured, arguments: list[str], said: str
) -> None:
    assert refused(arguments, capsys) == said


def test_a_place_is_named_even_if_its_letters_are_in_the_message() -> None:
    assert describe(UsageError("no writing", where="t")) == "grade: no writing (t)"
    assert describe(UsageError("t is full", where="t")) == "grade: t is full"


@pytest.mark.parametrize("command", ["pipe", *_COMMANDS])
def test_the_help_of_every_command_has_examples(
    course: Path, capsys: Captured, command: str
) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert re.search(rf"xamples?:\n +grade {command}|\n  +.*grade {command} ", text), text
    assert max(map(len, text.split("\n"))) <= 80


def shell(line: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m grader"
    return subprocess.run(
        ["sh", "-c", line.replace("grade ", f"{command} ")],
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_full_disk_is_told_and_is_no_verdict(lessons: Path) -> None:
    Path("hello.py").write_text("print('hi')\n")
    ended = shell("grade pipe > /dev/full")
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (
        3,
        "grade: what was to be printed could not be written: No space left on device",
    )


def test_without_a_stdout_the_exit_status_still_tells(lessons: Path) -> None:
    Path("hello.py").write_text("print('hi')\n")
    ended = shell("grade pipe >&- <&-")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_folder_that_was_removed_is_told(course: Path, capsys: Captured) -> None:
    Path.cwd().rmdir()
    assert "the folder that you are in has been removed" in refused(["list"], capsys)


@pytest.mark.parametrize("name", ["course.yaml", "assignments/pipe/assignment.yaml"])
def test_a_fifo_for_a_course_file_holds_nobody_up(
    course: Path, capsys: Captured, name: str
) -> None:
    (course / name).unlink()
    os.mkfifo(course / name)
    assert "this file cannot be read: it is no regular file" in refused(["pipe"], capsys)


def test_an_assignment_without_checks_gives_nobody_full_marks(
    course: Path, capsys: Captured
) -> None:
    file = course / "assignments/pipe/assignment.yaml"
    file.write_text("title: T\nprograms: [hello]\nscenarios: {}\nchecks: []\n")
    Path("hello.py").touch()
    assert ":4:1: there are no checks, so nothing could be graded" in refused(["pipe"], capsys)
