"""Owns `grade` alone: where you are in the course, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import wants_color, write_text
from grader.errors import UsageError
from grader.report.clean import clean_line
from grader.report.columns import fit, width
from grader.report.words import count, points

if TYPE_CHECKING:
    from grader.course.model import LoadedCourse
    from grader.student.standing import Standing, Survey

WIDTH = 80
STATE = 13
"""Columns of a state with its mark."""
_MARKS = {
    "passed": ("✓", "green"),
    "in progress": ("›", "yellow"),
    "untouched": ("·", None),
    "broken": ("!", "magenta"),
}


def overview() -> int:
    """Show it; returns the exit status. UsageError, CourseError: there is no course to show."""
    from grader.course.load import find_course
    from grader.student.standing import survey

    try:
        course = find_course(None)
    except UsageError as error:
        fix = "go to the folder of the course, or name it: grade list --course DIR"
        raise UsageError(error.message, where=error.where, fix=fix) from error
    cwd = Path.cwd()
    found = survey(course, cwd)
    color = wants_color()
    lines = [*_heading(course, found.standings), ""]
    lines += [_row(one, _ids(found.standings), color=color) for one in found.standings]
    lines += [""] if found.standings else []
    lines += [*_next(course, found.standings, cwd)]
    write_text("".join(f"{line}\n" for line in lines), None)
    tell_troubles(found)
    return 0


def tell_troubles(survey: Survey) -> None:
    """Which progress files could not be used, and what to do."""
    from grader.cli.errors import describe

    for error in survey.troubles:
        click.echo(describe(error), err=True)


def state(one: Standing, *, color: bool) -> str:
    """`✓ passed`, in STATE columns."""
    mark, colour = _MARKS[one.state]
    text = fit(f"{mark} {one.state}", STATE)
    return click.style(text, fg=colour) if color and colour else text


def earned(one: Standing) -> str:
    """`3.5 / 10`; without a grading `– / 10`."""
    if one.outline is None:
        return ""
    best = points(one.score) if one.entry else "–"
    return f"{best} / {points(one.max_score)}"


def title(one: Standing) -> str:
    """The title, or what there is instead of one."""
    if one.outline is None:
        return f"broken: see `grade show {one.id}`"
    return clean_line(one.outline.title)


def _ids(standings: Sequence[Standing]) -> int:
    return max((len(one.id) for one in standings), default=0)


def _heading(course: LoadedCourse, standings: Sequence[Standing]) -> Iterator[str]:
    passed = sum(one.state == "passed" for one in standings)
    score = points(sum(one.score for one in standings))
    full = points(sum(one.max_score for one in standings))
    right = f"{passed} of {len(standings)} passed · {score} of {full} points"
    yield fit(clean_line(course.data.title), WIDTH - width(right) - 2) + "  " + right


def _row(one: Standing, ids: int, *, color: bool) -> str:
    right = earned(one)
    room = WIDTH - 2 - STATE - 1 - ids - 2 - 1 - max(width(right), 8)
    left = f"  {state(one, color=color)} {fit(one.id, ids)}  {fit(title(one), room)}"
    return f"{left} {right:>8}".rstrip()


def _next(course: LoadedCourse, standings: Sequence[Standing], cwd: Path) -> Iterator[str]:
    from grader.student.hints import hinted
    from grader.student.standing import grading, next_of

    one = next_of(standings)
    if not standings:
        yield "This course has no assignments yet. To make the first one:"
        yield "  grade new ID"
        return
    if one is None:
        broken = any(one.outline is None for one in standings)
        yield "Nothing else can be done now." if broken else "All is passed. Well done!"
        return
    assert one.outline is not None, "a broken assignment is never next"
    entry = one.entry
    language = entry.last.language if entry else None
    again = grading(course, one.outline, one.folder, cwd, language=language)
    if entry is None and one.state == "untouched":
        yield f'Next: {one.id}, "{title(one)}"'
        yield f"  grade start {one.id}"
    elif entry is None:
        yield f"Next: {one.id} is begun, but has not been graded yet."
        yield f"  {again}"
    elif not entry.last.built:
        yield f"Next: {one.id} could not be built; the compiler says where."
        yield f"  {again}"
    else:
        failed = len(entry.last.failed)
        verb = "fails" if failed == 1 else "fail"
        what = f"{count(failed, 'check')} still {verb}" if failed else "not all checks pass yet"
        yield f"Next: {one.id}, where {what}."
        yield f"  grade hint {one.id}" if hinted(one.outline, entry) else f"  {again}"
