"""Owns how far one grading is, told in a line of the terminal that is gone at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.report.clean import clean_line, shorten

if TYPE_CHECKING:
    from grader.course.model import LoadedAssignment, LoadedCourse
    from grader.grade import Progress

_ERASE = "\r\x1b[2K"


@contextmanager
def progress_line(
    course: LoadedCourse, assignment: LoadedAssignment
) -> Iterator[Callable[[Progress], None] | None]:
    """What to tell each step to; None where stderr is no terminal, so nothing is written there."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return

    def tell(progress: Progress) -> None:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        text = clean_line(_words(course, assignment, progress))
        sys.stderr.write(f"{_ERASE}{shorten(text, columns - 1)}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write(_ERASE)
        sys.stderr.flush()


def _words(course: LoadedCourse, assignment: LoadedAssignment, progress: Progress) -> str:
    from grader.course.limits import scenario_limits
    from grader.course.selection import hidden_scenarios

    if progress.awaited is None:
        return (
            f"{assignment.id}: building …" if not progress.done else f"{assignment.id}: judging …"
        )
    done = f"{assignment.id}: {progress.done} of {progress.total} scenarios done"
    if progress.awaited in hidden_scenarios(assignment.data):
        return f"{done} …"
    title = assignment.data.scenarios[progress.awaited].title or progress.awaited
    wall = scenario_limits(course.data, assignment.data, progress.awaited).wall
    return f"{done}; now: {title} (up to {wall:g} s) …"
