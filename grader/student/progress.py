"""Owns `.grade.yaml`, which remembers beside a student's programs how they were graded.

It is a hidden file because hidden entries are no part of a submission (`run.submission`): what is
remembered never changes what is graded. People may read and edit it. Gradings of one folder at the
same time don't wait for each other; the last one to write is remembered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from grader.course.conditions import Closed
from grader.course.decode import decode
from grader.course.dump import dump
from grader.course.load import COURSE_FILE
from grader.course.yaml import MAX_BYTES, Plain, parse, shown
from grader.errors import CourseError, UsageError
from grader.outcome import Finding, Report, Status, Verdict
from grader.student.files import replace

FILE = ".grade.yaml"
VERSION = 1

_HEADER = """\
# What `grade` remembers of the work in this folder, rewritten whenever it is graded.
# Without this file scores and hints given are forgotten, and nothing else.
"""
_COURSES_OWN = ("assignments", "solutions")
_MEND = "mend it, or remove it: that forgets scores and hints, and nothing else"


class Advice(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """What to do about a run that got stuck. checks: that failed by it; given: as a hint."""

    checks: list[str]
    text: str
    given: bool = False


class Attempt(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """One grading. of: the most points there were; failed: ids of the checks that failed.

    built: whether the program could be built; if not, no check was judged.
    """

    score: float
    of: float
    passed: bool
    when: Annotated[datetime, Meta(tz=True)]
    language: str
    seed: int
    built: bool = True
    failed: list[str] = []
    advice: list[Advice] = []


class Entry(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """One assignment. best: the first of the best gradings; hints: how many a check had given."""

    best: Attempt
    last: Attempt
    hints: dict[str, Annotated[int, Meta(ge=0)]] = {}


class Journal(Closed, frozen=True, kw_only=True):
    """The whole file."""

    version: int = VERSION
    assignments: dict[str, Entry] = {}


def folder_of(place: Path) -> Path:
    """The folder that the record of the submission at this place lies in."""
    return place if place.is_dir() else place.parent


def is_courses_own(folder: Path) -> bool:
    """Whether it lies among the solutions or stubs of a course: nobody's own work."""
    folder = folder.resolve()
    return any(
        folder.relative_to(above).parts[0] in _COURSES_OWN and (above / COURSE_FILE).is_file()
        for above in folder.parents
    )


def load(folder: Path) -> Journal:
    """What is remembered in this folder; of a folder without the file, nothing.

    UsageError: the file cannot be read or understood, or a newer `grade` wrote it.
    """
    path = folder / FILE
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return Journal()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"the progress file cannot be read: {reason}", where=shown(path), fix=_MEND
        ) from error
    try:
        document = parse(content, shown(path))
        if document.value is None:
            return Journal()
        _refuse_newer(document.value, path)
        return decode(document, Journal)
    except CourseError as error:
        raise UsageError(
            f"the progress file cannot be understood: {error.message}",
            where=error.where,
            fix="; ".join(part for part in (error.fix, _MEND) if part),
        ) from error


def _content(path: Path) -> bytes:
    # Neither a FIFO nor a device may hold us up.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError("it is no regular file")
        content = bytearray()
        while len(content) <= MAX_BYTES and (chunk := file.read(MAX_BYTES)):
            content += chunk
        return bytes(content)


def _refuse_newer(value: object, path: Path) -> None:
    version = value.get("version") if isinstance(value, Mapping) else None
    if isinstance(version, int) and version > VERSION:
        raise UsageError(
            f"a newer `grade` wrote the progress file (version {version}, this one knows "
            f"{VERSION})",
            where=shown(path),
            fix="use the newer grade, or remove the file: that forgets scores and hints only",
        )


def store(folder: Path, journal: Journal) -> None:
    """Write the file; whoever reads it meanwhile sees all of it or what was. OSError: it can't."""
    text = _HEADER + dump(_plain(msgspec.to_builtins(journal)))
    replace(folder / FILE, text.encode())


def _plain(value: Plain) -> Plain:
    """As a person writes it: 3 and not 3.0."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float() if value.is_integer():
            return int(value)
    return value


def with_report(
    journal: Journal,
    report: Report,
    hints: Mapping[str, Sequence[str]],
    now: datetime,
    *,
    told: bool = False,
) -> Journal:
    """The journal after this grading. A report without a score changes nothing.

    hints: those of the course, by check; what else a report advises came from the run. told:
    the verdict is shown to the student, and with it the first hint of each failed check.
    """
    if report.score is None:
        return journal
    failed = [
        check for check in report.checks if check.status is Status.FAILED and not check.hidden
    ]
    last = Attempt(
        score=report.score,
        of=report.max_score,
        passed=report.verdict is Verdict.PASSED,
        when=now.replace(microsecond=0),
        language=report.language,
        seed=report.seed,
        built=report.build is None or report.build.ok,
        failed=[check.id for check in failed],
        advice=_advice(failed, hints, told=told),
    )
    before = journal.assignments.get(report.assignment)
    given = before.hints if before is not None else {}
    if told:
        given = {**given, **{id: max(1, given.get(id, 0)) for id in _shown(failed, hints)}}
    if before is None or _rank(before.best) < _rank(last):
        entry = Entry(best=_bare(last), last=last, hints=given)
    else:
        entry = Entry(best=before.best, last=last, hints=given)
    return with_entry(journal, report.assignment, entry)


def _shown(failed: Sequence[Finding], hints: Mapping[str, Sequence[str]]) -> list[str]:
    """The checks of which a verdict shows the first of the course's hints."""
    return [check.id for check in failed if is_courses(check.hint, hints.get(check.id, ()))]


def is_courses(hint: str | None, hints: Sequence[str]) -> bool:
    """Whether a finding's hint is what the course says, these hints, and not advice of the run."""
    return bool(hint) and hint == "\n".join(hints)


def _advice(
    failed: Sequence[Finding], hints: Mapping[str, Sequence[str]], *, told: bool
) -> list[Advice]:
    by_text: dict[str, list[str]] = {}
    for check in failed:
        if check.hint and not is_courses(check.hint, hints.get(check.id, ())):
            by_text.setdefault(check.hint, []).append(check.id)
    return [Advice(checks=checks, text=text, given=told) for text, checks in by_text.items()]


def with_advice(journal: Journal, assignment: str, given: Advice) -> Journal:
    """The journal after this advice of the last grading was given."""
    entry = journal.assignments[assignment]
    advice = [
        msgspec.structs.replace(one, given=True) if one == given else one
        for one in entry.last.advice
    ]
    last = msgspec.structs.replace(entry.last, advice=advice)
    return with_entry(journal, assignment, msgspec.structs.replace(entry, last=last))


def with_hint(journal: Journal, assignment: str, check: str, given: int) -> Journal:
    """The journal after so many of the course's hints for a check were given."""
    entry = journal.assignments[assignment]
    hints = {**entry.hints, check: given}
    return with_entry(journal, assignment, msgspec.structs.replace(entry, hints=hints))


def with_entry(journal: Journal, assignment: str, entry: Entry) -> Journal:
    """The journal with this instead of what it said of the assignment."""
    return Journal(assignments={**journal.assignments, assignment: entry})


def _bare(attempt: Attempt) -> Attempt:
    """What failed in it matters only while it is the last one."""
    return msgspec.structs.replace(attempt, failed=[], advice=[])


def _rank(attempt: Attempt) -> tuple[bool, float]:
    """Shares of the points, so that a change of the assignment's points does not count."""
    return attempt.passed, attempt.score / attempt.of if attempt.of else 0.0
