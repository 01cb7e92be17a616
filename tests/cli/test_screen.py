"""What a person sees in a terminal: colours, a line that moves, a verdict on every save."""

from __future__ import annotations

import re
import shutil
import signal
import sys
import weakref
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.cli import watch
from grader.cli.grading import Asked, Found, show
from grader.cli.main import main
from grader.outcome import Report
from tests.cli.terminal import Terminal

Captured = pytest.CaptureFixture[str]

_ERASE = "\r\x1b[2K"
_SGR = re.compile(r"\x1b\[[\d;]*m")
_READY = "Ctrl-C to end.\n"


@pytest.fixture
def submission(course: Path) -> Path:
    program = Path("hello.py")
    program.write_text("print('hi')\n")
    return program.resolve()


def save(file: Path, text: str) -> None:
    """As editors do: whoever reads meanwhile sees the old text or the new one, never a half."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text)
    new.rename(file)


def test_on_a_terminal_there_are_colours_and_a_line_that_is_erased(submission: Path) -> None:
    terminal = Terminal("pipe")
    assert terminal.end() == 0
    moving, _, verdict = terminal.shown.rpartition(_ERASE)
    assert moving.startswith(f"{_ERASE}pipe: 0 of 1 scenarios done; now: greeting (up to 10 s) …")
    assert "\n" not in moving
    assert "\x1b[32m✓\x1b[0m" in verdict
    assert all(cell_len(line) <= 80 for line in _SGR.sub("", verdict).split("\n"))


@pytest.mark.parametrize("quiet", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(submission: Path, quiet: dict[str, str]) -> None:
    terminal = Terminal("pipe", environment=quiet)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.shown.rpartition(_ERASE)[2]


def test_in_a_pipe_nothing_moves(submission: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["pipe"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert "\x1b" not in out


def test_every_save_brings_a_new_verdict_until_ctrl_c(submission: Path) -> None:
    terminal = Terminal("pipe", "--watch", "--seed", "7")
    assert "PASSED  1 of 1 points" in terminal.until(_READY)
    save(submission, "raise SystemExit('no')\n")
    again = terminal.until(_READY)
    assert again.lstrip("\n").startswith("\x1b[2J")  # a clear screen
    assert "FAILED  0 of 1 points" in again
    assert "│\x1b[0m no" in again
    submission.unlink()
    assert "there is no submission for 'pipe' here" in terminal.until(_READY)
    save(submission, "print('hi')\n")
    assert "PASSED  1 of 1 points" in terminal.until(_READY)
    terminal.type("\x03")
    assert terminal.end() == 130


def test_a_folder_that_is_deleted_and_made_again_is_watched_again(submission: Path) -> None:
    submission.unlink()
    folder = Path("pipe")
    folder.mkdir()
    (folder / "hello.py").write_text("print('hi')\n")
    terminal = Terminal("pipe", "--watch", "-q")
    assert "Watching pipe: " in terminal.until(_READY)
    shutil.rmtree(folder)
    terminal.until("there is no submission for 'pipe' here")
    folder.mkdir()
    save(folder / "hello.py", "print('hi')\n")
    assert "pipe: 1 of 1\n" in terminal.until("pipe: 1 of 1\n")
    terminal.until(_READY)
    save(folder / "hello.py", "print('ho')\n")
    assert "pipe: 0 of 1" in terminal.until("pipe: 0 of 1")
    terminal.until(_READY)
    shutil.rmtree(folder)  # and back before anybody looks, perhaps as the same inode
    folder.mkdir()
    (folder / "hello.py").write_text("print('hi')\n")
    terminal.until("pipe: 1 of 1\n")
    terminal.until(_READY)
    save(folder / "hello.py", "print('ho')\n")
    terminal.until("pipe: 0 of 1")
    terminal.until(_READY)
    terminal.type("\x03")
    assert terminal.end() == 130


def test_the_watch_goes_on_when_the_assignment_is_broken_for_a_moment(
    course: Path, submission: Path
) -> None:
    file = course / "assignments" / "pipe" / "assignment.yaml"
    right = file.read_text()
    terminal = Terminal("pipe", "--watch", "-q")
    assert "pipe: 1 of 1\n" in terminal.until(_READY)
    save(file, right.replace("points: 1", "points: many"))
    assert "the course files hold 1 problem" in terminal.until(_READY)
    save(file, right.replace("points: 1", "points: 3"))
    assert "pipe: 3 of 3\n" in terminal.until(_READY)
    terminal.type("\x03")
    assert terminal.end() == 130


def test_a_save_while_programs_still_run_is_not_missed(submission: Path) -> None:
    submission.write_text("import signal\nprint('up', flush=True)\nsignal.pause()\n")
    terminal = Terminal("pipe", "--watch", "-q")
    terminal.until("now: greeting")
    save(submission, "print('hi')\n")
    assert "pipe: 1 of 1\n" in terminal.until("pipe: 1 of 1\n")
    terminal.until(_READY)
    terminal.type("\x03")
    assert terminal.end() == 130


def test_ctrl_c_ends_the_watch_even_where_the_interpreter_drops_the_exception(
    submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(unraisable.exc_type))

    class Forgotten:
        pass

    def dropped(asked: Asked, found: Found) -> Report:
        thing = Forgotten()
        noticed = weakref.ref(thing, lambda _reference: signal.raise_signal(signal.SIGINT))
        del thing
        assert noticed() is None
        return show(asked, found)

    monkeypatch.setattr(watch, "show", dropped)
    assert main(["pipe", "--watch"]) == 130
    assert told == [KeyboardInterrupt]


def test_ctrl_c_ends_a_grading_and_clears_the_line(submission: Path) -> None:
    submission.write_text("while True: pass\n")
    terminal = Terminal("pipe")
    terminal.until("now: greeting")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert terminal.shown.endswith(f"{_ERASE}\n")


@pytest.mark.parametrize(
    ("arguments", "contradiction"),
    [
        (["-v", "-q"], "-v and -q contradict each other"),
        (["-q", "--format", "json"], "-q is for people"),
        (["--watch", "--format", "json"], "--watch is for people"),
        (["--watch", "-o", "verdict.txt"], "--watch shows its verdicts on the screen"),
    ],
)
def test_contradicting_options_are_wrong_usage(
    submission: Path, capsys: Captured, arguments: list[str], contradiction: str
) -> None:
    assert main(["pipe", *arguments]) == 2
    assert contradiction in capsys.readouterr().err


def test_an_error_that_is_too_long_for_a_line_goes_on_in_the_next(course: Path) -> None:
    names = [f"a-long-name-{number}" for number in range(9)]
    (course / "course.yaml").write_text(f"title: T\nassignments: {names}\nlanguages: {{}}\n")
    terminal = Terminal("show", "xyz")
    assert terminal.end() == 2
    first, *listed = terminal.shown.replace("\r", "").rstrip("\n").split("\n")
    assert first == "grade: there is no assignment 'xyz'"
    assert " ".join(line.strip() for line in listed) == f"assignments: {', '.join(names)}"
    assert len(listed) > 1
    assert [line for line in listed if len(line) > 80 or not line.startswith("  ")] == []
