"""Owns one grading on the command line: what was asked for, what is found, the verdict shown."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.cli.output import terminal_width, wants_color, write_form, write_text
from grader.cli.progress_line import progress_line
from grader.cli.remember import remember
from grader.course.load import find_course, load_assignment
from grader.course.model import LoadedAssignment, LoadedCourse
from grader.course.selection import select
from grader.grade import Progress, grade
from grader.outcome import Report, exit_status
from grader.report.detail import Entry, inert
from grader.run.spec import Isolation
from grader.run.submission import Submission, find_submission
from grader.trace.model import Recording

if TYPE_CHECKING:
    from grader.report.opened import Again

_DRAWING = (
    "grader.report.terminal",
    "grader.student.progress",
    "rich.console",
    "rich.padding",
    "rich.table",
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says, as `grade ASSIGNMENT --help` explains it."""

    id: str
    seed: int
    submission: Path | None = None
    only: tuple[str, ...] = ()
    verbose: bool = False
    quiet: bool = False
    lang: str | None = None
    format: str = "text"
    output: Path | None = None
    course: Path | None = None
    isolation: Isolation | None = None


class Found(msgspec.Struct, frozen=True):
    """What is to be graded, as it is on the disk now; equal as long as nothing in it changes."""

    course: LoadedCourse
    assignment: LoadedAssignment
    submission: Submission


def find(asked: Asked) -> Found:
    """UsageError, CourseError: what is asked for is not there, or broken."""
    course = find_course(asked.course)
    assignment = load_assignment(course, asked.id)
    if asked.only:
        select(assignment.data, asked.only)  # an unknown check is told before anything else
    submission = find_submission(
        course, assignment, asked.submission, language=asked.lang, cwd=Path.cwd()
    )
    return Found(course, assignment, submission)


def grade_once(asked: Asked) -> int:
    """Grade and show the verdict; the exit status."""
    return exit_status(show(asked, find(asked)))


def show(asked: Asked, found: Found) -> Report:
    """Grade what was found and show the verdict."""
    recordings: dict[str, Recording] = {}
    with progress_line(found.course, found.assignment) as line:

        def tell(progress: Progress) -> None:
            if progress.ran is not None and asked.verbose:
                scenario, recording = progress.ran
                recordings[scenario] = recording
            if line is not None:
                line(progress)

        report = grade(
            found.course,
            found.assignment,
            found.submission,
            seed=asked.seed,
            isolation=asked.isolation,
            only=asked.only,
            tell=tell,
            meanwhile=_import_what_draws if asked.format == "text" else None,
        )
    told = asked.format == "text" and not asked.quiet
    remembered = remember(report, found.assignment.data.checks, found.submission.place, told=told)
    if asked.format == "text":
        write_text(_text(asked, found, report, recordings, remembered=remembered), asked.output)
    else:
        write_form(asked.format, [Entry(report)], asked.output, folder=found.submission.place)
    return report


def _import_what_draws() -> None:
    """Have at hand what shows a verdict: to be read while a compiler runs on another CPU."""
    for module in _DRAWING:
        import_module(module)


def _text(
    asked: Asked,
    found: Found,
    report: Report,
    recordings: dict[str, Recording],
    *,
    remembered: bool,
) -> str:
    from grader.report import brief, terminal
    from grader.report.layout import WIDTH

    if asked.quiet:
        return inert(f"{brief.line(report)}\n")
    on_screen = asked.output is None
    color = on_screen and wants_color()
    width = terminal_width() if on_screen else WIDTH
    told = terminal.story(report, recordings, color=color, width=width)
    again = _again(asked, found, remembered=remembered)
    return inert(told + terminal.render(report, color=color, width=width, again=again))


def _again(asked: Asked, found: Found, *, remembered: bool) -> Again:
    """The command as it was given, but for what only concerns this one run. remembered: hints can
    be asked for one at a time."""
    from grader.report.opened import Again

    words = ["grade", asked.id]
    words += [str(asked.submission)] if asked.submission is not None else []
    for option in ("lang", "course", "isolation"):
        if (value := getattr(asked, option)) is not None:
            words += [f"--{option}", str(value)]
    place = asked.submission or Path(os.path.relpath(found.submission.place))
    folder = str(place if place.is_dir() else place.parent)
    if not remembered:
        return Again(tuple(words), folder)
    about = [str(asked.submission)] if asked.submission is not None else []
    about += ["--course", str(asked.course)] if asked.course is not None else []
    hints = {check.id: check.hints for check in found.assignment.data.checks}
    return Again(tuple(words), folder, ("grade", "hint", asked.id, *about), hints)
