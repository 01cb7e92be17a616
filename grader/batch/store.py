"""Owns `results.sqlite`: every result with its full report, written as it ends, read as a stream.

WAL and one transaction a result: a batch that is killed at any moment loses at most what was
being graded. One row a student and assignment; grading it again replaces it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.batch.student import Student
from grader.errors import UsageError
from grader.outcome import Report
from grader.report.json import render

NAME = "results.sqlite"
_VERSION = 1
_PATIENCE = 30.0
"""Seconds that another program, a viewer for example, may keep the file locked."""
_SEEDS = 1 << 31

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE assignments (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, max_score REAL NOT NULL
) STRICT;
CREATE TABLE students (id TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE results (
    student TEXT NOT NULL,
    assignment TEXT NOT NULL,
    key TEXT NOT NULL,       -- hash of submission, assignment, grader version
    outcome TEXT NOT NULL,
    score REAL,              -- NULL: the grader could not grade it
    max_score REAL NOT NULL,
    tries INTEGER NOT NULL,
    seconds REAL NOT NULL,
    ended TEXT NOT NULL,     -- UTC, ISO 8601
    report BLOB NOT NULL,    -- JSON, grade/report/v1
    PRIMARY KEY (student, assignment)
) STRICT;
"""
_Kind = TypeVar("_Kind")
_COLUMNS = "student, assignment, key, outcome, score, max_score, tries, seconds, ended, report"


class Assigned(msgspec.Struct, frozen=True):
    """An assignment as the gradebook knows it."""

    id: str
    title: str
    max_score: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row. outcome: as `summary.outcome_of` names it; ended: UTC, ISO 8601."""

    student: str
    assignment: str
    key: str
    outcome: str
    score: float | None
    max_score: float
    tries: int
    seconds: float
    ended: str
    report: bytes

    def decoded(self) -> Report:
        """sqlite3.DatabaseError: the row is damaged."""
        return _decoded(self.report, Report)


def result(student: str, key: str, outcome: str, report: Report, *, tries: int) -> Result:
    """The row for a report that has just been made."""
    return Result(
        student=student,
        assignment=report.assignment,
        key=key,
        outcome=outcome,
        score=report.score,
        max_score=report.max_score,
        tries=tries,
        seconds=report.duration_ms / 1000,
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        report=render(report),
    )


def _decoded(data: bytes, kind: type[_Kind]) -> _Kind:
    """As any other damage to the file it is told by `open_store`."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise sqlite3.DatabaseError(f"a row is damaged ({error})") from error


class Store:
    """An open results.sqlite. Not for several writers: see `only_writer`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def close(self) -> None:
        self._db.close()

    def seed(self, wanted: int | None) -> int:
        """The batch's seed: fixed when the first batch wrote here, so what is graded later gets
        the same values. UsageError: `wanted` is another one."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'seed'").fetchone()
        if row is None:
            seed = secrets.randbelow(_SEEDS) if wanted is None else wanted
            self._db.execute("INSERT INTO meta VALUES ('seed', ?)", (str(seed),))
            return seed
        if wanted is not None and wanted != int(row[0]):
            raise UsageError(
                f"these results were begun with seed {row[0]}, not {wanted}",
                where="--seed",
                fix="leave --seed out to go on, or write to another folder",
            )
        return int(row[0])

    def keys(self) -> dict[tuple[str, str], str]:
        """Student and assignment to the key of what has been graded, errors left out."""
        rows = self._db.execute("SELECT student, assignment, key FROM results WHERE score NOT NULL")
        return {(student, assignment): key for student, assignment, key in rows}

    def save(self, result: Result) -> None:
        marks = ", ".join("?" * 10)
        self._db.execute(
            f"INSERT OR REPLACE INTO results ({_COLUMNS}) VALUES ({marks})",
            msgspec.structs.astuple(result),
        )

    def name(self, assignments: Iterable[Assigned], students: Iterable[Student]) -> None:
        """Who and what the gradebook has rows and columns for; those it has already stay."""
        with self._transaction():
            for one in assignments:
                row = msgspec.structs.astuple(one)
                self._db.execute("INSERT OR REPLACE INTO assignments VALUES (?, ?, ?)", row)
            for student in students:
                row = (student.id, msgspec.json.encode(student))
                self._db.execute("INSERT OR REPLACE INTO students VALUES (?, ?)", row)

    def forget(self, student: str) -> None:
        """The student and all results under this id."""
        with self._transaction():
            self._db.execute("DELETE FROM results WHERE student = ?", (student,))
            self._db.execute("DELETE FROM students WHERE id = ?", (student,))

    def assignments(self) -> list[Assigned]:
        rows = self._db.execute("SELECT id, title, max_score FROM assignments ORDER BY rowid")
        return [Assigned(*row) for row in rows]

    def students(self) -> list[Student]:
        rows = self._db.execute("SELECT data FROM students ORDER BY id")
        return [_decoded(data, Student) for (data,) in rows]

    def results(self) -> Iterator[Result]:
        """All results, by assignment and student, one at a time."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM results ORDER BY assignment, student")
        return (Result(**dict(zip(_COLUMNS.split(", "), row, strict=True))) for row in rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


@contextmanager
def open_store(folder: Path, *, create: bool = False) -> Iterator[Store]:
    """The results in this folder, to be read; to be written, too, with `create`, or where that is
    allowed. UsageError: there are none, or not of this program."""
    path = folder / NAME
    if not create and not path.is_file():
        raise UsageError(
            f"there is no {NAME} in this folder",
            where=str(folder),
            fix="give the folder that `grade batch … --out` wrote to",
        )
    only_read = not create and not (os.access(path, os.W_OK) and os.access(folder, os.W_OK))
    try:
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            _read_only(path) if only_read else path,
            timeout=_PATIENCE,
            isolation_level=None,
            uri=only_read,
        )
    except (OSError, sqlite3.Error) as error:
        raise UsageError(
            f"the results cannot be {'kept here' if create else 'read'}: {error}",
            where=str(path),
            fix="choose another folder with --out" if create else "ask for the right to read it",
        ) from error
    try:
        yield Store(_prepared(connection, path, only_read=only_read))
    except sqlite3.OperationalError as error:  # locked, full, read-only: the file is as it was
        raise UsageError(
            f"the results cannot be read or written: {error}",
            where=str(path),
            fix="check that you may write there, that the disk has room, and that no other program "
            "has the file open; then try again",
        ) from error
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"the results cannot be read: {error}",
            where=str(path),
            fix="move the file away to begin anew",
        ) from error
    finally:
        connection.close()


def _read_only(path: Path) -> str:
    """The address of a file in which nothing can be written, not even who is reading it
    (sqlite.org/wal.html#read_only_databases): nobody has it open, or its log is there."""
    log = path.with_name(f"{NAME}-wal")
    return f"{path.resolve().as_uri()}?{'mode=ro' if log.exists() else 'immutable=1'}"


def _prepared(connection: sqlite3.Connection, path: Path, *, only_read: bool) -> sqlite3.Connection:
    if not only_read:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and not only_read:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        raise UsageError(
            f"these results are of another version of the grader (format {version})",
            where=str(path),
            fix="write to another folder",
        )
    return connection


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder for one batch at a time. UsageError: another one is writing there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(
            f"the results cannot be kept here: {error.strerror}",
            where=str(folder),
            fix="choose another folder with --out",
        ) from error
    try:
        try:
            # flock(2): ends with the process, so a batch that was killed leaves nothing locked.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                "another batch is writing to this folder",
                where=str(folder),
                fix="wait for it, or choose another --out",
            ) from error
        yield
    finally:
        os.close(lock)
