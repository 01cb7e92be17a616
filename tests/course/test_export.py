"""The students' bundle holds what is public and nothing of what is secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.course.dump import dump
from grader.course.export import bundle, write
from grader.course.load import load_assignment, load_course
from grader.course.yaml import parse
from grader.errors import CourseError, UsageError

ROOT = Path(__file__).parents[2]
COURSE = """\
title: Tiny course
assignments: [pipe, plain]
languages:
  python: {suffix: .py, run: ["{python}", "{source}"]}
"""
PLAIN = """\
title: Nothing hidden   # a comment that stays
programs: [hello]
scenarios:
  one: {run: [{start: hello}, {finish: hello}]}
checks:
  - {id: ends, title: Ends well, points: 1, scenario: one, exit: 0}
"""
HIDING = """\
version: 1
title: Hello
programs: [hello]
# s3cret comment
vary:
  word: {words: 3}
  s3cret_value: {choice: [s3cret-a, s3cret-b]}
  low: {integer: [1, 5]}
  high: {sum: [low, 1]}
  number: {integer: [1, 5]}
  s3cret_sum: {sum: [number, 7777]}
scenarios:
  greeting:
    title: No argument
    vary: {own: {text: 10}, s3cret_own: {text: 4242}}
    run: [{start: hello, args: ["{word}", "{high}", "no", "1_000", "{own.bytes}"]}, {finish: hello}]
  s3cret-scenario:
    vary: {text: {text: 4243}, s3cret_own: {text: 4242}}
    run: [{start: hello, args: [s3cret-argument, "{s3cret_value}", "{text}"]}, {finish: hello}]
checks:
  - id: ends
    title: Ends well
    points: 1
    scenario: greeting
    exit: 0
    hint: |
      Two lines:
      this is the second.
  - {id: says, title: "Says: it", points: 2.5, scenario: greeting, needs: [ends], stdout: "{word}"}
  - id: s3cret-id
    title: s3cret title
    points: 4
    scenario: [greeting, s3cret-scenario]
    needs: [ends]
    hidden: true
    stdout: "s3cret expected {s3cret_value} {s3cret_own} {s3cret_sum}"
    hint: s3cret hint
"""
SECRETS = ("s3cret", "4242", "4243", "7777", "number:")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    for id, text in (("pipe", HIDING), ("plain", PLAIN)):
        folder = root / "assignments" / id
        (folder / "stubs/python").mkdir(parents=True)
        (folder / "assignment.yaml").write_text(text)
        (folder / "README.md").write_text(f"# {id}\n")
        (folder / "stubs/python/hello.py").write_text("pass\n")
    (root / "course.yaml").write_text(COURSE)
    (root / "assignments/pipe/notes.txt").write_text("s3cret notes")
    (root / "assignments/pipe/handout").mkdir()
    (root / "assignments/pipe/handout/figure.svg").write_text("<svg/>")
    (root / "assignments/pipe/.s3cret").write_text("s3cret")
    (root / "assignments/draft").mkdir()
    (root / "assignments/draft/assignment.yaml").write_text("s3cret draft")
    for name in ("python", "wrong/s3cret"):
        (root / "solutions/pipe" / name).mkdir(parents=True)
        (root / "solutions/pipe" / name / "hello.py").write_text("s3cret solution")
    return root


def written(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and mode of every file by path, and the modes of folders."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mode,
        )
        for path in folder.rglob("*")
    }


def export(course: Path, folder: Path) -> Path:
    write(bundle(load_course(course)), folder)
    return folder


def test_the_bundle_holds_what_is_public(course: Path, tmp_path: Path) -> None:
    files = written(export(course, tmp_path / "public"))
    assert sorted(name for name, (content, _) in files.items() if content) == [
        "assignments/pipe/README.md",
        "assignments/pipe/assignment.yaml",
        "assignments/pipe/handout/figure.svg",
        "assignments/pipe/stubs/python/hello.py",
        "assignments/plain/README.md",
        "assignments/plain/assignment.yaml",
        "assignments/plain/stubs/python/hello.py",
        "course.yaml",
    ]


def test_no_secret_is_anywhere_in_the_bundle(course: Path, tmp_path: Path) -> None:
    for name, (content, _) in written(export(course, tmp_path / "public")).items():
        for secret in SECRETS:
            assert secret not in name
            assert secret.encode() not in content, f"{name} holds {secret}"


def test_what_is_left_loads_and_is_the_same_but_for_what_is_hidden(
    course: Path, tmp_path: Path
) -> None:
    before = load_assignment(load_course(course), "pipe").data
    public = load_course(export(course, tmp_path / "public"))
    after = load_assignment(public, "pipe").data
    assert after.checks == [check for check in before.checks if not check.hidden]
    assert after.max_score == 3.5
    assert list(after.scenarios) == ["greeting"]
    assert after.scenarios["greeting"].run == before.scenarios["greeting"].run
    assert list(after.scenarios["greeting"].vary) == ["own"]
    assert list(after.vary) == ["word", "low", "high"]
    assert load_assignment(public, "plain").data.checks[0].id == "ends"


def test_nothing_hidden_means_nothing_is_rewritten(course: Path, tmp_path: Path) -> None:
    files = written(export(course, tmp_path / "public"))
    assert files["assignments/plain/assignment.yaml"][0] == PLAIN.encode()
    assert files["course.yaml"][0] == COURSE.encode()


def test_the_line_that_names_a_schema_to_editors_stays_at_home(
    course: Path, tmp_path: Path
) -> None:
    line = "# yaml-language-server: $schema=../../schema/assignment.json\n"
    for name in ("course.yaml", "assignments/plain/assignment.yaml"):
        (course / name).write_text(line + (course / name).read_text())
    files = written(export(course, tmp_path / "public"))
    assert files["assignments/plain/assignment.yaml"][0] == PLAIN.encode()
    assert files["course.yaml"][0] == COURSE.encode()


def test_two_exports_are_equal_to_the_byte_and_the_mode(course: Path, tmp_path: Path) -> None:
    first = written(export(course, tmp_path / "one"))
    (course / "assignments/pipe/README.md").chmod(0o600)
    before = os.umask(0o077)
    try:
        second = written(export(course, tmp_path / "two"))
    finally:
        os.umask(before)
    assert first == second
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "two").stat().st_mode


def test_the_points_of_public_checks_and_of_all_are_known(course: Path) -> None:
    found = bundle(load_course(course))
    assert [(one.assignment, one.public, one.all) for one in found.points] == [
        ("pipe", 3.5, 7.5),
        ("plain", 1, 1),
    ]
    assert found.left_out == ("assignments/pipe/notes.txt",)


def test_what_is_there_is_never_overwritten(course: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/work.txt").write_text("mine")
    with pytest.raises(UsageError, match="not an empty folder"):
        export(course, tmp_path / "mine")
    assert list(written(tmp_path / "mine")) == ["work.txt"]
    with pytest.raises(UsageError, match="not an empty folder"):
        export(course, tmp_path / "mine/work.txt")


@pytest.mark.parametrize(
    "name",
    ["README.md", "handout", "stubs/python/hello.py", "stubs/python/more", "assignment.yaml"],
)
def test_no_link_is_followed(course: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    link = course / "assignments/pipe" / name
    if link.is_dir():
        link.rename(outside)
    elif link.exists():
        outside.write_bytes(link.read_bytes())
        link.unlink()
    else:
        outside.mkdir()
    link.symlink_to(outside)
    with pytest.raises(UsageError, match="links are not exported"):
        bundle(load_course(course))


def test_an_assignment_elsewhere_is_not_exported(course: Path, tmp_path: Path) -> None:
    folder = course / "assignments/plain"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="links are not exported"):
        bundle(load_course(course))


def test_a_public_check_may_not_need_a_hidden_one(course: Path) -> None:
    file = course / "assignments/pipe/assignment.yaml"
    file.write_text(HIDING.replace("needs: [ends], stdout", "needs: [s3cret-id], stdout"))
    with pytest.raises(CourseError, match="`s3cret-id` is hidden, and this check is not"):
        bundle(load_course(course))


def test_an_assignment_of_hidden_checks_alone_is_refused(course: Path) -> None:
    file = course / "assignments/plain/assignment.yaml"
    file.write_text(PLAIN.replace("exit: 0", "exit: 0, hidden: true"))
    with pytest.raises(CourseError, match="all its checks are hidden"):
        bundle(load_course(course))


def test_our_own_course_has_nothing_of_its_solutions_in_its_bundle() -> None:
    found = bundle(load_course(ROOT))
    assert found.left_out == ()
    solutions = {path.read_bytes() for path in (ROOT / "solutions").rglob("*.*") if path.is_file()}
    assert solutions.isdisjoint(found.files.values())
    assert not [name for name in found.files if "solution" in name or "wrong" in name]
    assert not [name for name, content in found.files.items() if b"$schema=" in content]


PLAINS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.from_regex(r"[-+]?[0-9.oxeE_:]{1,30}", fullmatch=True)
    | st.sampled_from(["no", "True", "null", "~", "", "=", "<<", "{a}", " x", "x ", "a: b", "#"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(PLAINS)
@example({"\x85": "a\u2028b"})
def test_what_is_written_is_read_as_it_was(value: object) -> None:
    assert parse(dump(value).encode(), "it").value == value  # type: ignore[arg-type] # is Plain
