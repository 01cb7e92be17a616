"""A course of its own for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

COURSE = """\
title: Tiny course
assignments: [%s]
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

HINTED = """\
title: Hello
programs: [hello]
scenarios:
  greeting: {run: [{start: hello}, {finish: hello}]}
checks:
  - {id: ends, title: Ends well, points: 1, scenario: greeting, exit: 0}
  - id: says
    title: Says hi
    points: 2
    scenario: greeting
    stdout: hi
    hint: [Which call prints?, Is it flushed?]
  - {id: quiet, title: Says no more, points: 0.5, scenario: greeting, stderr: "", hint: Look.}
"""
HANDOUT = """\
# Hello

Write `hello`, which greets:

```console
$ ./hello --with-an-option-that-makes-this-line-longer-than-a-terminal-of-eighty-columns
hi
```
"""
PAIR = PIPE.replace("programs: [hello]", "programs: [writer, reader]").replace("hello", "writer")
BARE = PIPE.replace("Hello", "Bare").replace("hello", "alone")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with the assignments pipe and broken; the working folder is an empty one in it."""
    (tmp_path / "course.yaml").write_text(COURSE % "pipe, broken")
    for id, text in (("pipe", PIPE), ("broken", BROKEN)):
        folder = tmp_path / "assignments" / id
        folder.mkdir(parents=True)
        (folder / "assignment.yaml").write_text(text)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course for students: pipe with hints, handout and stubs in two languages, pair with two
    programs, bare with nothing to begin with. The working folder is an empty one beside it."""
    root = tmp_path / "lessons"
    for id, text in (("pipe", HINTED), ("pair", PAIR), ("bare", BARE)):
        folder = root / "assignments" / id
        folder.mkdir(parents=True)
        (folder / "assignment.yaml").write_text(text)
    (root / "course.yaml").write_text(COURSE % "pipe, pair, bare")
    (root / "assignments/pipe/README.md").write_text(HANDOUT)
    for id, stem in (("pipe", "hello"), ("pair", "writer"), ("pair", "reader")):
        for language, suffix, content in (
            ("python", "py", "print('hi')\n"),
            ("c", "c", "int main(void) { return 0; }\n"),
        ):
            stubs = root / "assignments" / id / "stubs" / language
            stubs.mkdir(parents=True, exist_ok=True)
            (stubs / f"{stem}.{suffix}").write_text(content)
    work = root / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work
