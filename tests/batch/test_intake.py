"""From files to submissions: which folder counts, and what a student did not hand in."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from grader.batch.intake import Refused, content_hash, read_handed, submission_for
from grader.batch.naming import Handed
from grader.batch.student import Student
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.errors import InfrastructureError
from grader.run.spec import Tree
from grader.run.submission import Submission

SUFFIXES = [".py", ".c"]


def tree(*names: str) -> Tree:
    return Tree({name: (name.encode(), False) for name in names})


def handed(path: Path, name: str = "") -> Handed:
    return Handed(Student(id="ana"), [(path, name)])


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return out.getvalue()


# -- reading ---------------------------------------------------------------------------------


def test_a_folder_an_archive_and_a_file_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "ana").mkdir()
    (tmp_path / "ana/hello.py").write_text("hello.py")
    (tmp_path / "ana.zip").write_bytes(zipped("hello.py"))
    trees = [
        read_handed(handed(tmp_path / "ana"), SUFFIXES),
        read_handed(handed(tmp_path / "ana.zip", "ana.zip"), SUFFIXES),
        read_handed(handed(tmp_path / "ana/hello.py", "hello.py"), SUFFIXES),
    ]
    assert trees == [tree("hello.py")] * 3


def test_an_archive_in_place_of_programs_is_opened_once(tmp_path: Path) -> None:
    (tmp_path / "pipe.zip").write_bytes(zipped("pipe/hello.py", "inner.zip"))
    (tmp_path / "notes.txt").write_text("notes.txt")
    read = read_handed(handed(tmp_path), SUFFIXES)
    assert isinstance(read, Tree)
    assert [*read.files] == ["inner.zip", "notes.txt", "pipe/hello.py"]


def test_an_archive_beside_a_program_stays_closed(tmp_path: Path) -> None:
    (tmp_path / "old.zip").write_bytes(zipped("hello.py"))
    (tmp_path / "hello.py").write_text("hello.py")
    read = read_handed(handed(tmp_path), SUFFIXES)
    assert isinstance(read, Tree)
    assert [*read.files] == ["hello.py", "old.zip"]


def test_a_hostile_archive_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "ana.zip").write_bytes(zipped("../x"))
    refused = read_handed(handed(tmp_path / "ana.zip", "ana.zip"), SUFFIXES)
    assert isinstance(refused, Refused)
    assert "leaves its folder" in refused.reason


def test_a_sparse_file_of_10_gb_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "hello.py").open("wb") as file:
        file.truncate(10 << 30)
    for one in (handed(tmp_path), handed(tmp_path / "hello.py", "hello.py")):
        refused = read_handed(one, SUFFIXES)
        assert isinstance(refused, Refused)
        assert "64 MiB" in refused.reason


def test_a_fifo_where_the_program_should_be_is_not_opened(
    tmp_path: Path, course: LoadedCourse, pipe: LoadedAssignment
) -> None:
    place = tmp_path / "ana"
    place.mkdir()
    os.mkfifo(place / "hello.py")
    (place / "hello.c").symlink_to("/etc/passwd")
    assert read_handed(handed(place), SUFFIXES) == Tree({})


def test_a_folder_that_we_may_not_read_is_our_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every folder can be read, so the refusal is played."""

    def refuse(path: Path) -> Tree:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("grader.batch.intake.read_tree", refuse)
    with pytest.raises(InfrastructureError, match="Permission denied"):
        read_handed(handed(tmp_path), SUFFIXES)


# -- choosing --------------------------------------------------------------------------------


def choose(
    course: LoadedCourse, assignment: LoadedAssignment, *names: str, language: str | None = None
) -> Submission | Refused | None:
    return submission_for(course, assignment, tree(*names), language=language, place=Path("ana"))


@pytest.mark.parametrize(
    "names",
    [
        ("hello.py", "notes.txt"),
        ("pipe/hello.py", "shm/hello.py"),
        ("week 3/pipe/hello.py", "hello.py"),
        ("ana-submission/hello.py",),
        ("src/hello.py", "src/old/hello.py"),
        ("my program.py",),
        ("Hello.py",),
    ],
)
def test_the_program_is_found(
    course: LoadedCourse, pipe: LoadedAssignment, names: tuple[str, ...]
) -> None:
    chosen = choose(course, pipe, *names)
    assert isinstance(chosen, Submission)
    assert chosen.language == "python"
    assert chosen.tree.files["hello.py"][0].decode() in {
        "hello.py",
        "pipe/hello.py",
        "week 3/pipe/hello.py",
        "ana-submission/hello.py",
        "src/hello.py",
        "my program.py",
        "Hello.py",
    }
    assert not any(name.startswith(("shm", "week", "../")) for name in chosen.tree.files)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("hello.py", "hello.c"), "several languages: python, c"),
        (("pipe/notes.txt",), "no program of 'pipe' is there: it must be called hello.py or"),
        (("a/hello.py", "b/hello.py"), "several folders could be meant: a and b"),
    ],
)
def test_what_is_not_clear_is_refused(
    course: LoadedCourse, pipe: LoadedAssignment, names: tuple[str, ...], reason: str
) -> None:
    refused = choose(course, pipe, *names)
    assert isinstance(refused, Refused)
    assert reason in refused.reason


def test_one_language_may_be_asked_for(course: LoadedCourse, pipe: LoadedAssignment) -> None:
    chosen = choose(course, pipe, "hello.py", "hello.c", language="c")
    assert isinstance(chosen, Submission)
    assert chosen.language == "c"


def test_all_programs_of_an_assignment_must_be_there(
    course: LoadedCourse, pair: LoadedAssignment
) -> None:
    assert isinstance(choose(course, pair, "server.py", "client.py"), Submission)
    assert choose(course, pair, "server.py") == Refused("client.py is missing")


def test_nothing_for_an_assignment_is_no_submission(
    course: LoadedCourse, pipe: LoadedAssignment, pair: LoadedAssignment
) -> None:
    assert choose(course, pipe, "notes.txt") is None
    assert choose(course, pair, "hello.py") is None


def test_the_content_hash_knows_files_not_packing() -> None:
    assert content_hash(tree("a", "b")) == content_hash(tree("b", "a"))
    others = [
        tree("a"),
        Tree({"a": (b"a", True), "b": (b"b", False)}),
        Tree({"a": (b"ab", False), "b": (b"", False)}),
        Tree({"ab": (b"", False)}),
    ]
    hashes = {content_hash(one) for one in (tree("a", "b"), *others)}
    assert len(hashes) == 5
