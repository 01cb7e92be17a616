"""The store: nothing written is lost, one writer, results as they were."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from grader.batch.files import write_reports
from grader.batch.store import NAME, Assigned, only_writer, open_store
from grader.batch.student import Student
from grader.errors import UsageError
from grader.outcome import Verdict
from tests.batch.made import row
from tests.report.samples import report


def test_a_result_comes_back_with_its_whole_report(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True) as store:
        store.save(row("ana"))
    with open_store(tmp_path) as store:
        [result] = store.results()
    assert (result.student, result.assignment, result.outcome, result.score) == (
        "ana",
        "pipe",
        "deadlock",
        2.0,
    )
    assert result.decoded() == report()


def test_grading_again_replaces_the_result(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True) as store:
        store.save(row("ana"))
        store.save(row("ana", report(score=4.5, verdict=Verdict.PASSED)))
        assert [(one.student, one.score) for one in store.results()] == [("ana", 4.5)]


def test_what_has_no_score_counts_as_not_graded(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True) as store:
        store.save(row("ana"))
        store.save(row("ben", report(score=None, verdict=Verdict.ERROR)))
        assert store.keys() == {("ana", "pipe"): "key of ana"}


def test_students_and_assignments_are_kept(tmp_path: Path) -> None:
    people = [Student(id="ana", name="Ana"), Student(id="ben", email="b@x.edu")]
    with open_store(tmp_path, create=True) as store:
        store.name([Assigned("pipe", "Hello", 4)], people)
        store.name([Assigned("shm", "Memory", 6)], people[:1])
        assert store.students() == people
        assert [one.id for one in store.assignments()] == ["pipe", "shm"]


def test_the_seed_of_the_first_batch_stays(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True) as store:
        assert store.seed(7) == 7
        assert store.seed(None) == 7
        with pytest.raises(UsageError, match="begun with seed 7"):
            store.seed(8)


def test_it_is_written_ahead_and_each_result_is_synced(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True):
        connection = sqlite3.connect(tmp_path / NAME)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


def test_two_batches_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with only_writer(tmp_path):
        again = only_writer(tmp_path)
        with pytest.raises(UsageError, match="another batch"):
            again.__enter__()
    with only_writer(tmp_path):
        pass


@pytest.mark.parametrize("content", [None, b"no database at all, but text " * 40])
def test_what_is_no_store_is_wrong_usage(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(UsageError), open_store(tmp_path) as store:
        [*store.results()]


def test_a_store_of_another_version_is_wrong_usage(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UsageError, match="format 99"), open_store(tmp_path):
        pass


def test_a_damaged_row_is_told_like_a_damaged_file(tmp_path: Path) -> None:
    with open_store(tmp_path, create=True) as store:
        store.save(row("ana"))
        store.name([], [Student(id="ana")])
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("UPDATE results SET report = x'7b7d'")
    connection.execute("UPDATE students SET data = x'00'")
    connection.commit()
    connection.close()
    with pytest.raises(UsageError, match="a row is damaged"), open_store(tmp_path) as store:
        [one.decoded() for one in store.results()]
    with pytest.raises(UsageError, match="a row is damaged"), open_store(tmp_path) as store:
        store.students()


def test_a_store_that_another_program_locks_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.store._PATIENCE", 0.0)
    with open_store(tmp_path, create=True) as store:
        viewer = sqlite3.connect(tmp_path / NAME, isolation_level=None)
        viewer.execute("BEGIN IMMEDIATE")
        with pytest.raises(UsageError, match="locked") as caught, open_store(tmp_path) as second:
            second.save(row("ana"))
        assert "move" not in (caught.value.fix or "")
        viewer.close()
        store.save(row("ana"))


def test_what_nobody_may_write_can_still_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an archived batch is: nothing may appear beside it either. (Root may write anywhere.)"""
    with open_store(tmp_path, create=True) as store:
        store.save(row("ana"))
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    (tmp_path / NAME).chmod(0o400)
    tmp_path.chmod(0o500)
    with open_store(tmp_path) as store:
        assert [one.student for one in store.results()] == ["ana"]
        assert [path.name for path in tmp_path.iterdir()] == [NAME]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            store.seed(1)
    tmp_path.chmod(0o700)


def test_files_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(UsageError, match=r"cannot be written: (Not a directory|File exists)"):
        write_reports(tmp_path, row("ana"))
    (tmp_path / "reports").unlink()
    (tmp_path / "reports/pipe/ana.json").mkdir(parents=True)
    with pytest.raises(UsageError, match="Is a directory"):
        write_reports(tmp_path, row("ana"))
    assert [path.name for path in (tmp_path / "reports/pipe").iterdir()] == ["ana.json"]
