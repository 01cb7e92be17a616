"""Shells complete commands, assignments, checks and languages, driven as they drive themselves."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli.main import main
from tests.cli.test_only import ECHO

Captured = pytest.CaptureFixture[str]

ASK_BASH = """\
eval "$(grade completion bash)"
COMP_WORDS=({words})
COMP_CWORD={last}
_grade_completion grade
[ ${{#COMPREPLY[@]}} -eq 0 ] || printf '%s\\n' "${{COMPREPLY[@]}}"
"""

# Outside of its line editor zsh has no compadd: this one prints what it is given.
ASK_ZSH = """\
compdef() {{ }}
compadd() {{ print -l -- $completions }}
_describe() {{ print -l -- $completions_with_descriptions }}
eval "$(grade completion zsh)"
words=({words})
CURRENT={last}
_grade_completion || true
"""


@pytest.fixture
def shell(course: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that finds our `grade`, in a course with one hidden check."""
    (course / "assignments" / "pipe" / "assignment.yaml").write_text(ECHO)
    own = tmp_path / "bin"
    own.mkdir()
    command = own / "grade"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m grader "$@"\n')
    command.chmod(0o755)
    root = str(Path(__file__).parents[2])
    return {
        **os.environ,
        "PATH": f"{own}:{os.environ['PATH']}",
        "PYTHONPATH": root,
        "HOME": str(tmp_path),
    }


def needs(name: str) -> str:
    if (found := shutil.which(name)) is None:
        pytest.skip(f"{name} is not installed here")
    return found


def said(shell: dict[str, str], *command: str) -> list[str]:
    """The lines on stdout of a command that succeeds and complains of nothing."""
    done = subprocess.run(
        command, env=shell, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def in_bash(shell: dict[str, str], *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    typed = " ".join(map(shlex.quote, words))
    script = ASK_BASH.format(words=typed, last=len(words) - 1)
    return said(shell, needs("bash"), "--norc", "--noprofile", "-c", script)


def in_fish(shell: dict[str, str], *words: str) -> list[str]:
    line = shlex.quote(" ".join(words))
    script = f"grade completion fish | source; complete -C {line}"
    return [
        offer.partition("\t")[0]
        for offer in said(shell, needs("fish"), "--no-config", "-c", script)
    ]


def in_zsh(shell: dict[str, str], *words: str) -> list[str]:
    """What zsh is given to offer for the last of these words."""
    typed = " ".join(map(shlex.quote, words))
    script = ASK_ZSH.format(words=typed, last=len(words))
    return [offer.partition(":")[0] for offer in said(shell, needs("zsh"), "-f", "-c", script)]


Ask = Callable[..., list[str]]
each = pytest.mark.parametrize("ask", [in_bash, in_zsh, in_fish], ids=["bash", "zsh", "fish"])


@each
def test_commands_and_assignments(shell: dict[str, str], ask: Ask) -> None:
    offered = ask(shell, "grade", "")
    assert {"pipe", "broken", "trace", "batch", "export", "completion"} <= set(offered)
    assert ask(shell, "grade", "pi") == ["pipe"]


@each
def test_checks_of_the_assignment_but_no_hidden_one(shell: dict[str, str], ask: Ask) -> None:
    assert sorted(ask(shell, "grade", "pipe", "--only", "")) == ["echoes", "ends"]
    assert ask(shell, "grade", "pipe", "--only", "ec") == ["echoes"]
    assert ask(shell, "grade", "hint", "pipe", "--check", "en") == ["ends"]


@each
def test_languages_of_the_course(shell: dict[str, str], ask: Ask) -> None:
    assert sorted(ask(shell, "grade", "pipe", "--lang", "")) == ["c", "python"]
    assert ask(shell, "grade", "start", "pipe", "--lang", "p") == ["python"]


@each
def test_families_of_events_each_behind_a_comma(shell: dict[str, str], ask: Ask) -> None:
    assert sorted(ask(shell, "grade", "trace", "-f", "p")) == ["pipe", "process"]
    if ask is not in_fish:  # click's script for fish ends a word at its comma
        assert ask(shell, "grade", "trace", "-f", "pipe,si") == ["pipe,signal"]


@each
def test_assignments_as_arguments(shell: dict[str, str], ask: Ask) -> None:
    for command in ("show", "start", "hint", "verify"):
        assert ask(shell, "grade", command, "p") == ["pipe"]
    assert ask(shell, "grade", "batch", "in", "--assignment", "b") == ["broken"]


@each
def test_the_course_that_was_named(shell: dict[str, str], tmp_path: Path, ask: Ask) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "course.yaml").write_text("title: Other\nassignments: [queue]\nlanguages: {}\n")
    assert ask(shell, "grade", "show", "--course", str(other), "") == ["queue"]


@each
def test_a_broken_course_offers_nothing_and_says_nothing(
    shell: dict[str, str], course: Path, ask: Ask
) -> None:
    (course / "course.yaml").write_text("title: [")
    assert ask(shell, "grade", "show", "") == []
    assert ask(shell, "grade", "pipe", "--only", "") == []
    assert ask(shell, "grade", "ex") == ["export"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_script_is_printed(capsys: Captured, name: str) -> None:
    assert main(["completion", name]) == 0
    out, err = capsys.readouterr()
    assert f"_GRADE_COMPLETE={name}_complete" in out
    assert err == ""


def test_completing_draws_and_runs_nothing(shell: dict[str, str]) -> None:
    """At a press of a key nothing is imported that draws, runs or observes."""
    code = (
        "import os, sys; from grader.cli.main import main\n"
        "os.environ.update(_GRADE_COMPLETE='bash_complete', COMP_CWORD='3',"
        " COMP_WORDS='grade\\npipe\\n--only\\n')\n"
        "try: main([])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'jinja2', 'grader.kernel', 'grader.run', 'grader.check'}\n"
        "print(*sorted(heavy & sys.modules.keys()))\n"
    )
    assert said(shell, sys.executable, "-P", "-c", code) == ["plain,ends", "plain,echoes", ""]
