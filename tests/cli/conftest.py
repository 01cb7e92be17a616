"""A course of its own for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

COURSE = """\
title: Tiny course
assignments: [pipe, broken]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, build: [cc, -o, "{program}", "{source}"], run: ["{program}"]}
"""
PIPE = """\
title: Hello
programs: [hello]
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}]}
checks:
  - {id: ends, title: Ends well, points: 1, scenario: greeting, exit: 0}
"""
BROKEN = """\
title: Broken
programs: [hello]
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}], color: red}
checks:
  - {id: ends, title: Ends well, points: many, scenario: greeting, exit: 0}
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with the assignments pipe and broken; the working folder is an empty one in it."""
    (tmp_path / "course.yaml").write_text(COURSE)
    for id, text in (("pipe", PIPE), ("broken", BROKEN)):
        folder = tmp_path / "assignments" / id
        folder.mkdir(parents=True)
        (folder / "assignment.yaml").write_text(text)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path
