"""`grade new`: an assignment that lints and verifies at once, and nothing that is there is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.load import load_assignment, load_course
from grader.course.scaffold import listed
from grader.errors import UsageError
from tests.cli.calls import in_pipe

SHIPPED = Path(__file__).parents[2]
FLOW = """\
# What we teach, in this order.
title:   Ours        # short
assignments: [ ]     # nothing yet
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
  c: {suffix: .c, build: [cc, -o, "{program}", "{source}"], run: ["{program}"]}
"""


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course without assignments, as the working folder."""
    (tmp_path / "course.yaml").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_template_lints_and_verifies_at_once(empty: Path) -> None:
    made = in_pipe("new", "first-pipe", "--title", 'Say "hi": a pipe')
    assert made.status == 0, made.text
    assert made.text.splitlines() == [
        'first-pipe · Say "hi": a pipe',
        "",
        "  written   assignments/first-pipe/README.md",
        "  written   assignments/first-pipe/assignment.yaml",
        "  written   assignments/first-pipe/stubs/c/first-pipe.c",
        "  written   assignments/first-pipe/stubs/python/first-pipe.py",
        "  written   solutions/first-pipe/c/first-pipe.c",
        "  written   solutions/first-pipe/python/first-pipe.py",
        "  written   solutions/first-pipe/wrong/starts-a-child/expect.yaml",
        "  written   solutions/first-pipe/wrong/starts-a-child/first-pipe.py",
        "  written   schema/assignment.json",
        "  written   schema/expect.json",
        "  changed   course.yaml",
        "",
        "Check its files:    grade lint first-pipe",
        "Check its programs: grade verify first-pipe",
    ]
    assert load_assignment(load_course(empty), "first-pipe").data.title == 'Say "hi": a pipe'
    linted = in_pipe("lint")
    assert (linted.status, linted.text) == (
        0,
        "grade: no problems in course.yaml and 1 assignment\n",
    )
    verified = in_pipe("verify", "first-pipe")
    assert verified.status == 0, verified.text
    assert verified.text.splitlines()[-1] == "grade: all 5 hold"


def test_the_schema_that_its_first_line_names_is_there(empty: Path) -> None:
    in_pipe("new", "one")
    made = empty / "assignments/one/assignment.yaml"
    named = made.read_text().partition("\n")[0].partition("$schema=")[2]
    assert (made.parent / named).resolve() == empty / "schema/assignment.json"
    made = empty / "solutions/one/wrong/starts-a-child/expect.yaml"
    named = made.read_text().partition("\n")[0].partition("$schema=")[2]
    assert (made.parent / named).resolve() == empty / "schema/expect.json"
    again = in_pipe("new", "two")
    assert "schema/" not in again.text, "one of each is enough"


def test_only_one_line_of_the_course_file_changes(empty: Path) -> None:
    in_pipe("new", "one")
    in_pipe("new", "two", "--like", "one")
    text = (empty / "course.yaml").read_text()
    assert text == FLOW.replace("[ ]", "[one, two ]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[pipe, fork]", "[pipe, fork, new-one]"),
        ('[pipe,\n  "fork",  # hard\n  ]', '[pipe,\n  "fork", new-one,  # hard\n  ]'),
        ("\n  - pipe  # 1\n  - fork  # 2", "\n  - pipe  # 1\n  - fork  # 2\n  - new-one"),
        ("\n- pipe\n\n# the end", "\n- pipe\n- new-one\n\n# the end"),
        ("[]", "[new-one]"),
    ],
)  # fmt: skip
def test_comments_and_layout_of_the_list_stay(before: str, after: str) -> None:
    text = f"# top\ntitle: Ü\nassignments: {before}\nlanguages: {{}}  # none\n"
    assert listed(text, "new-one") == text.replace(before, after)


def test_a_list_that_is_only_referred_to_is_left_to_people() -> None:
    with pytest.raises(UsageError, match="written in a way that a program can't add to"):
        listed("title: &a [x, y]\nassignments: *a\n", "z")


def test_a_copy_has_all_programs_and_its_own_name(empty: Path) -> None:
    in_pipe("new", "one")
    readme = empty / "assignments/one/README.md"
    readme.write_text(readme.read_text() + "\nTry `grade trace -- python3 one.py`, one by one.\n")
    copied = in_pipe("new", "number-two", "--like", "one")
    assert copied.status == 0, copied.text
    names = [name for name in files(empty) if "number-two" in name]
    assert names == [
        "assignments/number-two/README.md",
        "assignments/number-two/assignment.yaml",
        "assignments/number-two/stubs/c/number-two.c",
        "assignments/number-two/stubs/python/number-two.py",
        "solutions/number-two/c/number-two.c",
        "solutions/number-two/python/number-two.py",
        "solutions/number-two/wrong/starts-a-child/expect.yaml",
        "solutions/number-two/wrong/starts-a-child/number-two.py",
    ]
    handout = (empty / "assignments/number-two/README.md").read_text()
    assert handout.startswith("# Number two\n")
    assert "`grade number-two`" in handout
    assert "python3 number-two.py" in handout
    data = load_assignment(load_course(empty), "number-two").data
    assert (data.title, data.programs) == ("Number two", ["number-two"])
    assert in_pipe("verify", "number-two").status == 0


def test_a_copy_of_a_shipped_assignment_keeps_its_programs_names(empty: Path) -> None:
    for folder in ("assignments/pipe/stubs/c", "assignments/pipe/stubs/python", "solutions/pipe/c"):
        (empty / folder).mkdir(parents=True)
    for name in (
        "assignments/pipe/assignment.yaml",
        "assignments/pipe/README.md",
        "assignments/pipe/stubs/c/hello.c",
        "assignments/pipe/stubs/python/hello.py",
        "solutions/pipe/c/hello.c",
    ):
        (empty / name).write_bytes((SHIPPED / name).read_bytes())
    (empty / "course.yaml").write_text(FLOW.replace("[ ]", "[pipe]"))
    assert in_pipe("new", "again", "--like", "pipe").status == 0
    changed = {
        name.replace("again", "pipe"): content
        for name, content in files(empty).items()
        if "/again/" in name and content != (empty / name.replace("again", "pipe")).read_bytes()
    }
    assert changed.keys() == {"assignments/pipe/assignment.yaml", "assignments/pipe/README.md"}
    assert b"`grade again` runs your program" in changed["assignments/pipe/README.md"]
    assert b"larger than the pipe" in changed["assignments/pipe/assignment.yaml"]
    assert in_pipe("lint", "again").status == 0


@pytest.mark.parametrize(
    ("arguments", "message", "fix"),
    [
        (["Big_One"], "'Big_One' can't be the id of an assignment",
         "use lower-case letters, digits and dashes, a letter first"),
        (["../up"], "'../up' can't be the id of an assignment",
         "use lower-case letters, digits and dashes, a letter first"),
        (["trace"], "'trace' is a command, so `grade trace` would never grade it",
         "choose another id"),
        (["new"], "'new' is a command, so `grade new` would never grade it", "choose another id"),
        (["taken"], "assignments/taken is there already",
         "choose another id, or move that folder away; nothing was written"),
        (["solved"], "solutions/solved is there already",
         "choose another id, or move that folder away; nothing was written"),
        (["fine", "--like", "nothing"], "there is no assignment 'nothing'", "assignments: none"),
        (["fine", "--title", " "], "a title is one line of text (--title)",
         "leave it out, or write one"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(
    empty: Path, arguments: list[str], message: str, fix: str
) -> None:
    (empty / "assignments/taken").mkdir(parents=True)
    (empty / "solutions/solved").mkdir(parents=True)
    before = files(empty)
    ended = in_pipe("new", *arguments)
    assert (ended.status, ended.text) == (2, f"grade: {message}\n  {fix}\n")
    assert files(empty) == before


def test_a_course_that_is_elsewhere_is_only_changed_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (SHIPPED / "course.yaml").read_bytes()
    monkeypatch.chdir(tmp_path)
    ended = in_pipe("new", "fifo")
    assert (ended.status, ended.text) == (
        2,
        f"grade: the course that came with `grade` is not yours to change ({tmp_path})\n"
        "  go to the folder of your course, or name it with --course\n",
    )
    assert (SHIPPED / "course.yaml").read_bytes() == before
    assert not (SHIPPED / "assignments/fifo").exists()


def test_a_course_in_another_language_needs_something_to_copy(empty: Path) -> None:
    text = 'title: T\nassignments: []\nlanguages: {perl: {suffix: .pl, run: [perl, "{source}"]}}\n'
    (empty / "course.yaml").write_text(text)
    ended = in_pipe("new", "one")
    assert (ended.status, ended.text) == (
        2,
        "grade: the built-in template is in python and c, which this course has not\n"
        "  name an assignment to copy: --like ID\n",
    )


def test_help_has_examples(empty: Path) -> None:
    ended = in_pipe("new", "--help")
    assert ended.status == 0
    assert "grade new pipe-again --like pipe" in ended.text
