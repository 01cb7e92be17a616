"""docs/howto/add-an-assignment.md, followed word for word from an empty folder on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/howto/add-an-assignment.md"
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """An empty folder; `grade` is a command in it."""
    folder = tmp_path / "course"
    folder.mkdir()
    grade = tmp_path / "bin/grade"
    grade.parent.mkdir()
    grade.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m grader "$@"\n')
    grade.chmod(0o755)
    return folder


def typed(command: str, course: Path) -> str:
    """What it says on stdout; progress goes to stderr."""
    environment = {
        **os.environ,
        "PATH": f"{course.parent / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=course,
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    return done.stdout


def steps() -> list[tuple[str, str, str]]:
    """Kind, file and text of each block, in order."""
    return [(kind, file, text) for kind, file, text in BLOCK.findall(PAGE.read_text())]


@pytest.mark.timeout(300)  # some thirty gradings on a busy machine
def test_who_follows_the_page_sees_what_it_shows(course: Path) -> None:
    commands = 0
    for kind, file, text in steps():
        if kind != "console":
            path = course / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            assert typed(command, course) == shown, command
            commands += 1
    assert commands == 9


def test_every_block_is_a_session_or_a_file() -> None:
    assert [(kind, file) for kind, file, _ in steps() if (kind == "console") is bool(file)] == []
