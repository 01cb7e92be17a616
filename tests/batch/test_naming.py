"""Whose a submission is, by the names that course sites give their downloads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.batch.naming import find_handed, recognised
from grader.batch.student import Roster, Student
from grader.errors import UsageError

SUFFIXES = [".py", ".c"]


def make(folder: Path, *names: str) -> Path:
    """Empty files, and folders for names that end in a slash."""
    for name in names:
        path = folder / name
        path.mkdir() if name.endswith("/") else path.touch()
    return folder


def found(folder: Path) -> dict[str, list[tuple[str, str]]]:
    return {
        one.student.id: [(path.name, name) for path, name in one.files]
        for one in find_handed(folder, SUFFIXES).handed
    }


def test_by_hand_a_folder_an_archive_or_a_file_is_a_student(tmp_path: Path) -> None:
    make(tmp_path, "ana/", "ben.zip", "cem.tar.gz", "dora.py")
    assert found(tmp_path) == {
        "ana": [("ana", "")],
        "ben": [("ben.zip", "ben.zip")],
        "cem": [("cem.tar.gz", "cem.tar.gz")],
        "dora": [("dora.py", "dora.py")],
    }


def test_canvas_puts_name_and_numbers_before_the_file(tmp_path: Path) -> None:
    make(tmp_path, "doejane_12345_67890_server.py", "doejane_12345_67891_client.py")
    make(tmp_path, "roejo_LATE_222_67890_pipe.zip")
    assert found(tmp_path) == {
        "doejane": [
            ("doejane_12345_67890_server.py", "server.py"),
            ("doejane_12345_67891_client.py", "client.py"),
        ],
        "roejo": [("roejo_LATE_222_67890_pipe.zip", "pipe.zip")],
    }


def test_canvas_keeps_underscores_of_names_and_hides_names_from_who_must_not_know(
    tmp_path: Path,
) -> None:
    make(tmp_path, "van_doe_LATE_7_67890_my_1_2.py")
    make(tmp_path, "anon_x7Qf2_67891_server.py", "anon_x7Qf2_67892_client.py")
    make(tmp_path, "LATE_anon_b3Zz9_67893_hello.py", "doejane_12345_text.html")
    assert found(tmp_path) == {
        "anon_b3Zz9": [("LATE_anon_b3Zz9_67893_hello.py", "hello.py")],
        "anon_x7Qf2": [
            ("anon_x7Qf2_67891_server.py", "server.py"),
            ("anon_x7Qf2_67892_client.py", "client.py"),
        ],
        "van_doe": [("van_doe_LATE_7_67890_my_1_2.py", "my_1_2.py")],
    }


def test_of_what_was_handed_in_again_to_canvas_the_last_counts(tmp_path: Path) -> None:
    names = [f"doe_1_9_hello{again}.py" for again in ("", "-2", "-10")]
    make(tmp_path, *names)
    assert found(tmp_path) == {"doe": [("doe_1_9_hello-10.py", "hello.py")]}


def test_namesakes_at_canvas_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    make(tmp_path, "doe_1_9_hello.py", "doe_2_9_hello.py")
    assert [*found(tmp_path)] == ["doe-1", "doe-2"]


def test_moodle_makes_folders_or_files_for_participants(tmp_path: Path) -> None:
    make(
        tmp_path,
        "Jane Doe_4711_assignsubmission_file_/",
        "Jane Doe_4711_assignsubmission_onlinetext_/",
    )
    make(tmp_path, "Jo Roe_4712_assignsubmission_file_pipe.zip")
    assert found(tmp_path) == {
        "Jane Doe": [("Jane Doe_4711_assignsubmission_file_", "")],
        "Jo Roe": [("Jo Roe_4712_assignsubmission_file_pipe.zip", "pipe.zip")],
    }
    students = [one.student for one in find_handed(tmp_path, SUFFIXES).handed]
    assert students[0] == Student(id="Jane Doe", name="Jane Doe", site="4711")


def test_moodle_has_groups_one_of_them_without_a_number(tmp_path: Path) -> None:
    make(tmp_path, "Team 1_12_assignsubmission_file/", "Default group_assignsubmission_file/")
    make(tmp_path, "Default group_assignsubmission_comments/")
    students = [one.student for one in find_handed(tmp_path, SUFFIXES).handed]
    assert [(one.name, one.site) for one in students] == [("Default group", ""), ("Team 1", "12")]


def test_gradescope_says_in_its_metadata_whose_a_folder_is(tmp_path: Path) -> None:
    make(tmp_path, "submission_1/", "submission_2/", "submission_3/")
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_1:\n"
        "  :submitters:\n"
        "  - :name: Jane Doe\n    :sid: '007'\n    :email: jane@x.edu\n"
        "  - :name: Jo Roe\n    :sid: ''\n    :email: jo@x.edu\n"
        "  :created_at: 2024-01-01 10:00:00 Z\n"
        "submission_2:\n  :submitters: []\n"
    )
    assert [*found(tmp_path)] == ["jane@x.edu", "jo@x.edu", "submission_3"]
    assert find_handed(tmp_path, SUFFIXES).handed[0].student == Student(
        id="jane@x.edu", name="Jane Doe", number="007", email="jane@x.edu"
    )
    assert find_handed(tmp_path, SUFFIXES).ignored == ["submission_2", "submission_metadata.yml"]


def test_what_ruby_writes_in_the_metadata_is_only_text(tmp_path: Path) -> None:
    make(tmp_path, "submission_1/", "submission_2/")
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_1:\n"
        "  :submitters:\n  - :name: Jane Doe\n    :sid: 0070\n    :email:\n"
        "  :created_at: !ruby/object:ActiveSupport::TimeWithZone {utc: 2024-13-45}\n"
        "  :results:\n    output: !binary |-\n      cHdu\n    score: =\n"
        "submission_2:\n  :submitters:\n  - :name: Jo Roe\n    :sid: \n    :email: jo@x.edu\n"
    )
    assert [*found(tmp_path)] == ["0070", "jo@x.edu"]


@pytest.mark.parametrize("text", ["&a [*a, *a", "- !!python/object:os.system {}", "\0", "[]"])
def test_broken_metadata_is_wrong_usage_or_says_nothing(tmp_path: Path, text: str) -> None:
    make(tmp_path, "ana/")
    (tmp_path / "submission_metadata.yml").write_text(text)
    try:
        assert [*found(tmp_path)] == ["ana"]
    except UsageError as error:
        assert "submission_metadata.yml" in error.message


def test_what_is_no_submission_is_named(tmp_path: Path) -> None:
    make(tmp_path, "ana/", "grades.csv", ".DS_Store", "__MACOSX/")
    os.mkfifo(tmp_path / "zoe.py")
    assert [*found(tmp_path)] == ["ana"]
    ignored = find_handed(tmp_path, SUFFIXES).ignored
    assert ignored == [".DS_Store", "__MACOSX", "grades.csv", "zoe.py"]


def test_two_submissions_of_one_name_are_wrong_usage(tmp_path: Path) -> None:
    make(tmp_path, "ana/", "ana.zip")
    with pytest.raises(UsageError, match=r"two submissions are called 'ana': ana and ana\.zip"):
        find_handed(tmp_path, SUFFIXES)


def test_nobody_hands_in_under_the_name_of_another(tmp_path: Path) -> None:
    make(tmp_path, "Jane Doe_1_assignsubmission_file/", "jdoe_2_assignsubmission_file/")
    jane = Student(id="jdoe", login="jdoe", name="Jane Doe")
    handed = find_handed(tmp_path, SUFFIXES).handed
    assert [one.student.id for one in recognised(handed, Roster())] == ["Jane Doe", "jdoe"]
    with pytest.raises(
        UsageError, match="two submissions are the same student's, 'jdoe': Jane Doe_1_"
    ):
        recognised(handed, Roster([jane]))
    make(tmp_path, "Jane Doe_3_assignsubmission_file/", "Jane Doe-3_4_assignsubmission_file/")
    with pytest.raises(UsageError, match="two submissions are the same student's, 'Jane Doe-3'"):
        recognised(find_handed(tmp_path, SUFFIXES).handed, Roster())


def test_a_folder_without_submissions_is_wrong_usage(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError):
            find_handed(folder, SUFFIXES)


def test_a_download_that_is_still_packed_is_to_be_unpacked(tmp_path: Path) -> None:
    make(tmp_path, "submissions.zip")
    with pytest.raises(UsageError) as caught:
        find_handed(tmp_path / "submissions.zip", SUFFIXES)
    assert caught.value.fix == "unpack it first, and give the folder that comes out"


def test_names_that_steer_a_terminal_or_are_no_text_are_made_visible(tmp_path: Path) -> None:
    for name in (b"a\x1b[2J", b"b\xff", b"c\nd", b"--out"):
        (tmp_path / os.fsdecode(name)).mkdir()
    assert [*found(tmp_path)] == ["--out", "a\\x1b[2J", "b\\udcff", "c\\nd"]
