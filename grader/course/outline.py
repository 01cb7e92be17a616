"""Owns what a list of assignments needs of each: title, programs, checks with their hints.

Reads past everything else, which makes it an order of magnitude quicker than `load_assignment` and
lets a student see the list while an assignment is being written.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.course.load import assignment_document, load_assignment
from grader.course.model import LoadedCourse

STUBS = "stubs"
HANDOUT = "README.md"


class CheckOutline(msgspec.Struct, frozen=True, kw_only=True):
    """What of a check a student is told."""

    id: str
    title: str
    points: float
    hint: str | list[str] | None = None
    hidden: bool = False

    @property
    def hints(self) -> list[str]:
        """In the order in which they are given; of a hidden check none."""
        own = [self.hint] if isinstance(self.hint, str) else self.hint or []
        return [] if self.hidden else own


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """The head of an assignment. languages: ids of those that have a stub, or else of all."""

    id: str
    folder: Path
    title: str
    programs: list[str]
    checks: list[CheckOutline]
    languages: list[str]

    @property
    def max_score(self) -> float:
        return sum(check.points for check in self.checks)


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of `assignment.yaml` that are read here; others are not looked at."""

    title: str
    programs: list[str]
    checks: list[CheckOutline]


def load_outline(course: LoadedCourse, id: str) -> Outline:
    """The head of one assignment of the course.

    UsageError: the course has no such assignment. CourseError: its file is broken.
    """
    folder, document = assignment_document(course, id)
    try:
        head = msgspec.convert(document.value, _Head)
    except msgspec.ValidationError:
        loaded = load_assignment(course, id)  # tells what is wrong, and where
        head = msgspec.convert(msgspec.to_builtins(loaded.data), _Head)
    languages = list(course.data.languages)
    stubs = [language for language in languages if (folder / STUBS / language).is_dir()]
    return Outline(
        id=id,
        folder=folder,
        title=head.title,
        programs=head.programs,
        checks=head.checks,
        languages=stubs or languages,
    )
