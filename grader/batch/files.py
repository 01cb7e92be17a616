"""Owns the files of a batch beside its store: two reports a submission, the tables of scores."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from grader.batch.gradebook import canvas_csv, gradebook, moodle_csv, plain_csv
from grader.batch.store import Result, Store
from grader.errors import UsageError
from grader.report.terminal import render

REPORTS = "reports"
_FIT = re.compile(r"[^\w@+.-]|^[.-]")
_LONGEST = 80


def file_name(student: str) -> str:
    """A student's id as the stem of a file name; unlike ids stay unlike."""
    fit = _FIT.sub("_", student)[:_LONGEST]
    if fit == student:
        return fit
    return f"{fit}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def write_reports(out: Path, result: Result) -> None:
    """`reports/<assignment>/<student>.json` and `.txt`. UsageError: they cannot be written."""
    folder = out / REPORTS / result.assignment
    stem = file_name(result.student)
    _replace(folder / f"{stem}.json", result.report)
    _replace(folder / f"{stem}.txt", render(result.decoded(), color=False).encode())


def remove_reports(out: Path, student: str) -> None:
    """All reports under this id."""
    for folder in (out / REPORTS).glob("*"):
        for suffix in (".json", ".txt"):
            (folder / f"{file_name(student)}{suffix}").unlink(missing_ok=True)


def write_gradebooks(out: Path, store: Store, columns: Sequence[str] = ()) -> None:
    """`gradebook.csv`, `canvas.csv`, `moodle.csv`; columns: of the roster, see `canvas_csv`.

    UsageError: they cannot be written.
    """
    book = gradebook(store.students(), store.assignments(), store.results())
    _replace(out / "gradebook.csv", plain_csv(book).encode())
    _replace(out / "canvas.csv", canvas_csv(book, columns).encode())
    _replace(out / "moodle.csv", moodle_csv(book).encode())


def _replace(path: Path, content: bytes) -> None:
    """Whoever reads the file meanwhile, or after we were killed, sees all of it or what was."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise UsageError(
            f"the results cannot be written: {error.strerror}",
            where=str(path),
            fix="check the folder and the disk, then give the same command again",
        ) from error
