"""Owns where a student is in the course: the state of each assignment, and which one is next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from grader.course.model import LoadedCourse
from grader.course.outline import Outline, load_outline
from grader.course.sources import written_in
from grader.errors import CourseError, UsageError
from grader.student.files import typed
from grader.student.progress import Entry, Journal, load


class State(StrEnum):
    """in progress: a program is there or was graded. broken: the assignment can't be read."""

    PASSED = "passed"
    IN_PROGRESS = "in progress"
    UNTOUCHED = "untouched"
    BROKEN = "broken"


class Standing(msgspec.Struct, frozen=True):
    """One assignment. folder: where the work lies, or would be begun; entry: None if not graded.

    outline is None if the assignment is broken.
    """

    id: str
    state: State
    folder: Path
    outline: Outline | None = None
    entry: Entry | None = None

    @property
    def score(self) -> float:
        """The best so far."""
        return self.entry.best.score if self.entry else 0.0

    @property
    def max_score(self) -> float:
        if self.entry is not None:
            return self.entry.best.of
        return self.outline.max_score if self.outline else 0.0


class Survey(msgspec.Struct):
    """All assignments in the order of the course. troubles: progress files that can't be used."""

    standings: list[Standing] = msgspec.field(default_factory=list)
    troubles: list[UsageError] = msgspec.field(default_factory=list)


def home(course: LoadedCourse, cwd: Path) -> Path:
    """The folder that holds a folder for each assignment: `cwd`, or the one around it if `cwd` is
    itself called like an assignment."""
    return cwd.parent if cwd.name in course.data.assignments else cwd


def survey(course: LoadedCourse, cwd: Path) -> Survey:
    """Where the student who stands in `cwd` is."""
    found = Survey()
    journals = _Journals(found.troubles)
    for id in course.data.assignments:
        try:
            outline = load_outline(course, id)
        except CourseError:
            found.standings.append(Standing(id, State.BROKEN, home(course, cwd) / id))
        else:
            found.standings.append(_standing(course, outline, cwd, journals))
    return found


def standing(course: LoadedCourse, outline: Outline, cwd: Path) -> Standing:
    """Where the student is with one assignment. UsageError: a progress file can't be used."""
    troubles: list[UsageError] = []
    found = _standing(course, outline, cwd, _Journals(troubles))
    if troubles:
        raise troubles[0]
    return found


def next_of(standings: Sequence[Standing]) -> Standing | None:
    """What to go on with: what was graded last and not passed, what was begun, what comes next."""
    open_ = [one for one in standings if one.state is State.IN_PROGRESS]
    graded = [(one.entry.last.when, one) for one in open_ if one.entry is not None]
    if graded:
        return max(graded, key=lambda pair: pair[0])[1]
    untouched = [one for one in standings if one.state is State.UNTOUCHED]
    return next(iter(open_ + untouched), None)


def languages_in(course: LoadedCourse, outline: Outline, folder: Path) -> list[str]:
    """The languages that a program of the assignment in this folder is written in; none, if there
    is no such folder, or if it cannot be read."""
    try:
        return list(written_in(folder, outline.programs, course.data.languages))
    except OSError:
        return []


def grading(
    course: LoadedCourse, outline: Outline, folder: Path, cwd: Path, *, language: str | None = None
) -> str:
    """What to type in `cwd` to grade the work in this folder; language: if there are several."""
    words = ["grade", outline.id]
    found_by_itself = folder == cwd / outline.id or (
        folder == cwd and not (cwd / outline.id).is_dir()
    )
    if not found_by_itself:
        words.append(typed(folder, cwd))
    present = languages_in(course, outline, folder)
    if len(present) > 1:
        words += ["--lang", language or present[0]]
    return shlex.join(words)


class _Journals:
    """Progress files by folder, each read once; those that can't be used are noted once."""

    def __init__(self, troubles: list[UsageError]) -> None:
        self._troubles = troubles
        self._read: dict[Path, Journal] = {}

    def of(self, folder: Path) -> Journal:
        if folder not in self._read:
            try:
                self._read[folder] = load(folder)
            except UsageError as error:
                self._troubles.append(error)
                self._read[folder] = Journal()
        return self._read[folder]


def _standing(course: LoadedCourse, outline: Outline, cwd: Path, journals: _Journals) -> Standing:
    """In the places where `grade ID` looks, and beside `cwd`."""
    begun: Path | None = None
    own = home(course, cwd) / outline.id
    for folder in dict.fromkeys((cwd / outline.id, cwd, own)):
        if entry := journals.of(folder).assignments.get(outline.id):
            state = State.PASSED if entry.best.passed else State.IN_PROGRESS
            return Standing(outline.id, state, folder, outline, entry)
        if begun is None and languages_in(course, outline, folder):
            begun = folder
    if begun is not None:
        return Standing(outline.id, State.IN_PROGRESS, begun, outline)
    return Standing(outline.id, State.UNTOUCHED, own, outline)
