"""Where a submission is found, in which language, and what of it is read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from grader.course.model import Assignment, Course, Language, LoadedAssignment, LoadedCourse
from grader.errors import UsageError
from grader.run import submission
from grader.run.submission import find_submission, read_tree

PYTHON = Language(suffix=".py", run=["{python}", "{source}"])
C = Language(suffix=".c", run=["{program}"], build=["gcc", "-o", "{program}", "{source}"])
COURSE = LoadedCourse(
    folder=Path("/course"),
    data=Course(title="OS", assignments=["pipe"], languages={"python": PYTHON, "c": C}),
)


def assignment(*programs: str) -> LoadedAssignment:
    data = Assignment(title="Pipe", programs=list(programs), scenarios={}, checks=[])
    return LoadedAssignment(id="pipe", folder=Path("/course/assignments/pipe"), data=data)


HELLO = assignment("hello")


def test_a_folder_is_read_and_its_suffix_tells_the_language(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print()")
    (tmp_path / "words.txt").write_bytes(b"\xff")
    found = find_submission(COURSE, HELLO, tmp_path, cwd=Path("/"))
    assert found.language == "python"
    assert found.tree.files == {"hello.py": (b"print()", False), "words.txt": (b"\xff", False)}


def test_a_single_file_becomes_the_program_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "alice.c").write_text("int main;")
    (tmp_path / "other.c").write_text("")
    found = find_submission(COURSE, HELLO, Path("alice.c"), cwd=tmp_path)
    assert (found.language, found.tree.files) == ("c", {"hello.c": (b"int main;", False)})


def test_without_an_argument_the_folder_of_the_assignment_comes_first(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("here")
    (tmp_path / "pipe").mkdir()
    (tmp_path / "pipe/hello.py").write_text("there")
    found = find_submission(COURSE, HELLO, None, cwd=tmp_path)
    assert found.place == tmp_path / "pipe"


def test_without_an_argument_the_current_folder_counts_if_the_program_is_in_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="no submission for 'pipe' here"):
        find_submission(COURSE, HELLO, None, cwd=tmp_path)
    (tmp_path / "hello.c").write_text("")
    assert find_submission(COURSE, HELLO, None, cwd=tmp_path).place == tmp_path


def test_two_languages_at_once_need_the_option(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("")
    (tmp_path / "hello.c").write_text("")
    with pytest.raises(UsageError, match="several languages: python, c") as caught:
        find_submission(COURSE, HELLO, tmp_path, cwd=tmp_path)
    assert caught.value.fix == "say which one to grade: --lang python or --lang c"
    assert find_submission(COURSE, HELLO, tmp_path, language="c", cwd=tmp_path).language == "c"


@pytest.mark.parametrize(
    ("given", "language", "message"),
    [
        ("nowhere", None, "no such file or folder"),
        ("empty", None, "no program of 'pipe' is in this folder"),
        ("hello.rs", None, "in no language that can be graded here"),
        ("empty", "rust", "no language 'rust'"),
    ],
)
def test_what_cannot_be_graded_is_said_with_what_to_do(
    tmp_path: Path, given: str, language: str | None, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "hello.rs").write_text("")
    with pytest.raises(UsageError, match=message) as caught:
        find_submission(COURSE, HELLO, Path(given), language=language, cwd=tmp_path)
    assert caught.value.where
    assert caught.value.fix


def test_every_program_of_the_assignment_must_be_there(tmp_path: Path) -> None:
    both = assignment("writer", "reader")
    (tmp_path / "writer.py").write_text("")
    with pytest.raises(UsageError, match=r"reader\.py is missing"):
        find_submission(COURSE, both, tmp_path, cwd=tmp_path)
    with pytest.raises(UsageError, match="needs several programs"):
        find_submission(COURSE, both, tmp_path / "writer.py", cwd=tmp_path)


def test_a_program_that_is_a_fifo_or_a_link_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hello.py")
    with pytest.raises(UsageError, match="no regular file"):
        find_submission(COURSE, HELLO, tmp_path, cwd=tmp_path)
    with pytest.raises(UsageError, match="no regular file"):
        find_submission(COURSE, HELLO, tmp_path / "hello.py", cwd=tmp_path)
    (tmp_path / "hello.py").unlink()
    (tmp_path / "hello.py").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="a symbolic link"):
        find_submission(COURSE, HELLO, tmp_path, cwd=tmp_path)


def test_only_regular_files_that_are_not_hidden_are_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/run.sh").write_text("#!/bin/sh")
    (tmp_path / "data/run.sh").chmod(0o755)
    for hidden in (".git", "__pycache__"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "x").write_text("x")
    (tmp_path / "passwd").symlink_to("/etc/passwd")
    (tmp_path / "etc").symlink_to("/etc")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert read_tree(tmp_path).files == {"data/run.sh": (b"#!/bin/sh", True)}


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("")
    with (tmp_path / "core").open("wb") as file:
        file.truncate(10 << 30)
    with pytest.raises(UsageError, match="more than 64 MiB"):
        find_submission(COURSE, HELLO, tmp_path, cwd=tmp_path)


def test_too_many_entries_and_too_deep_folders_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path.joinpath("deep", *["d"] * (submission.MAX_DEPTH + 1))
    deep.mkdir(parents=True)
    with pytest.raises(UsageError, match="folders lie more than 16 deep"):
        read_tree(tmp_path / "deep")
    monkeypatch.setattr(submission, "MAX_ENTRIES", 2)
    (tmp_path / "many").mkdir()
    for name in "abc":
        (tmp_path / "many" / name).touch()
    with pytest.raises(UsageError, match="more than 2 files and folders"):
        read_tree(tmp_path / "many")
