"""`grade show`: the handout in a terminal and in a pipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.main import main
from tests.cli.calls import in_pipe, in_terminal

LONG = (
    "    $ ./hello --with-an-option-that-makes-this-line-longer-than-a-terminal-of-eighty-columns"
)


def test_in_a_pipe_it_is_plain_text(lessons: Path) -> None:
    done = in_pipe("show", "pipe")
    assert done.status == 0
    assert done.text == f"Hello\n═════\n\nWrite `hello`, which greets:\n\n{LONG}\n    hi\n"


def test_in_a_terminal_it_has_colours_unless_they_are_not_wanted(lessons: Path) -> None:
    coloured = in_terminal("show", "pipe")
    assert (coloured.status, "\x1b[" in coloured.text) == (0, True)
    assert "`" not in coloured.text
    plain = in_terminal("show", "pipe", env={"NO_COLOR": "1"})
    assert plain == in_pipe("show", "pipe")


def test_text_is_as_wide_as_the_terminal(lessons: Path) -> None:
    handout = lessons.parent / "assignments/pipe/README.md"
    handout.write_text("word " * 100)
    for columns, widest in ((60, 59), (80, 79), (300, 99)):
        shown = in_terminal("show", "pipe", columns=columns, env={"NO_COLOR": "1"}).text
        assert max(map(len, shown.split("\n"))) == widest


def test_an_assignment_that_is_not_there(lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "pip"]) == 2
    assert "did you mean `pipe`?" in capsys.readouterr().err


def test_a_handout_that_is_not_there(lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "bare"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "the handout of 'bare' cannot be read: No such file" in err
