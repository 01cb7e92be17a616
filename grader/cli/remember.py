"""Owns what happens to a verdict on one's own program: it is put down beside it, for later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError
from grader.report.clean import clean_line

if TYPE_CHECKING:
    from grader.course.model import Check
    from grader.outcome import Report
    from grader.student.progress import Journal


def remember(report: Report, checks: Sequence[Check], place: Path, *, told: bool) -> bool:
    """Put the verdict down beside the submission at this place, but not in a course's own folders,
    nor that of a part of an assignment. told: the student sees it, with the first hints.

    Returns whether `grade hint` can go on from there. Where the file is the reason, one line on
    stderr says so; the verdict stands without it.
    """
    from grader.student.progress import folder_of, is_courses_own, load, with_report

    folder = folder_of(place)
    if is_courses_own(folder):
        return False
    try:
        journal = load(folder)
    except UsageError as error:
        _say(f"{error.message} ({error.where})")
        return False
    if report.partial:
        return report.assignment in journal.assignments
    hints = {check.id: check.hints for check in checks}
    changed = with_report(journal, report, hints, datetime.now(UTC).astimezone(), told=told)
    return changed is journal or put_down(folder, changed)


def put_down(folder: Path, journal: Journal) -> bool:
    """Write the progress file of this folder, or say in one line why not; whether it is written."""
    from grader.course.yaml import shown
    from grader.student.progress import FILE, store

    try:
        store(folder, journal)
    except OSError as error:
        _say(f"{shown(folder / FILE)} cannot be written: {error.strerror}")
        return False
    return True


def _say(reason: str) -> None:
    click.echo(f"grade: not remembered for `grade hint`: {clean_line(reason)}", err=True)
