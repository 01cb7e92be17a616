"""Owns `grade hint`: the next hint for a check that failed, one at a time."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import course_option, naming, write_text
from grader.cli.remember import put_down
from grader.errors import UsageError
from grader.report.clean import clean_line

if TYPE_CHECKING:
    from grader.course.model import LoadedCourse
    from grader.course.outline import CheckOutline, Outline
    from grader.student.hints import Hint
    from grader.student.progress import Entry
    from grader.student.standing import Standing

WIDTH = 80

_HELP = """\
Give the next hint for the first check that failed when your program was graded last.

Each call gives one hint more; how many were given is remembered beside your program, in the
file .grade.yaml. SUBMISSION is where it lies, as for `grade ASSIGNMENT`.

\b
Examples:
  grade hint pipe
  grade hint pipe                     once more: the next one
  grade hint pipe --check reaped      for another check that failed
"""


def _hint(*, id: str, submission: Path | None, check: str | None, course: Path | None) -> int:
    from grader.course.load import find_course
    from grader.course.outline import load_outline
    from grader.student.hints import hints_for, with_given
    from grader.student.progress import load
    from grader.student.standing import grading

    loaded = find_course(course)
    outline = load_outline(loaded, id)
    cwd = Path.cwd()
    found = _work(loaded, outline, submission, cwd)
    language = found.entry.last.language if found.entry else None
    again = grading(loaded, outline, found.folder, cwd, language=language)
    if submission is not None:
        again = shlex.join(["grade", id, str(submission)])
    again = clean_line(f"{again}{naming(course)}")
    if found.entry is None:
        raise UsageError(
            f"{id!r} has not been graded yet, so there is nothing to give a hint for",
            fix=f"begin with: grade start {id}" if found.state == "untouched" else again,
        )
    entry = found.entry
    if entry.last.passed:
        click.echo(f"{id} had full marks when it was graded last: no hint is needed.")
        return 0
    if not entry.last.built:
        click.echo(f"{id} could not be built; the compiler says where:\n  {again}")
        return 0
    about = _chosen(outline, entry, check, again)
    if about is None:
        click.echo(f"No hint is written for what failed in {id}.\n")
        _else(loaded, outline, found, again)
        return 0
    hints = hints_for(about, entry)
    new = next((hint for hint in hints if not hint.given), None)
    shown = hints if new is None else [new]
    lines = [f"{id} · {clean_line(about.title)}", ""]
    for hint in shown:
        lines += _worded(hint, len(about.hints))
    write_text("".join(f"{line}\n" for line in [*lines, ""]), None)
    if new is None:
        click.echo("There is no further hint for this check.")
        _others(outline, entry, about)
        _else(loaded, outline, found, again)
        return 0
    more = sum(not hint.given for hint in hints) - 1
    option = f" --check {check}" if check else ""
    click.echo(f"{more} more: grade hint {id}{option}" if more else "This was the last one.")
    put_down(found.folder, with_given(load(found.folder), id, new))
    return 0


def _work(loaded: LoadedCourse, outline: Outline, given: Path | None, cwd: Path) -> Standing:
    """Where the student is with the assignment, here or at the place that was given."""
    from grader.student.progress import folder_of, load
    from grader.student.standing import Standing, State, standing

    if given is None:
        return standing(loaded, outline, cwd)
    place = cwd / given
    if not place.exists():
        raise UsageError(
            "there is no such file or folder",
            where=str(given),
            fix="give the folder that holds your program, or the program itself",
        )
    folder = folder_of(place)
    entry = load(folder).assignments.get(outline.id)
    return Standing(outline.id, State.IN_PROGRESS, folder, outline, entry)


def _chosen(outline: Outline, entry: Entry, wanted: str | None, again: str) -> CheckOutline | None:
    """The check to give a hint for: the first failed one that has any. UsageError: not this one."""
    from grader.student.hints import failed_checks, hints_for

    failed = failed_checks(outline, entry)
    with_hints = [check for check in failed if hints_for(check, entry)]
    if wanted is None:
        return next(iter(with_hints), None)
    for check in with_hints:
        if check.id == wanted:
            return check
    if any(check.id == wanted for check in failed):
        raise UsageError(f"no hint is written for the check {wanted!r}", where="--check")
    raise UsageError(
        f"the check {wanted!r} is none of those that failed when it was graded last",
        where="--check",
        fix=f"failed, with hints: {', '.join(check.id for check in with_hints) or 'none'}; "
        f"to have it graded again: {again}",
    )


def _worded(hint: Hint, number: int) -> Iterator[str]:
    """One hint, in lines; number: how many the course has for its check."""
    yield f"  Hint {hint.number} of {number}" if hint.number else "  From the last run"
    for paragraph in hint.text.split("\n"):
        yield from textwrap.wrap(
            clean_line(" ".join(paragraph.split())),
            WIDTH,
            initial_indent="    ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def _others(outline: Outline, entry: Entry, about: CheckOutline) -> None:
    """Other checks that failed and have hints left."""
    from grader.student.hints import hinted

    left = [check.id for check in hinted(outline, entry) if check.id != about.id]
    if left:
        click.echo("For other checks that failed:")
        for id in left:
            click.echo(f"  grade hint {outline.id} --check {id}")


def _else(loaded: LoadedCourse, outline: Outline, found: Standing, again: str) -> None:
    """What helps besides hints."""
    assert found.entry is not None, "only what was graded has hints"
    rows = [
        (f"{again} -v", "what was expected, and all that happened"),
        (_tracing(loaded, outline, found), "every call of your program as it happens"),
        (f"grade show {outline.id}", "the task, and what to read about it"),
    ]
    columns = max(len(command) for command, _ in rows)
    click.echo("What else helps:")
    for command, gives in rows:
        click.echo(f"  {command:<{columns}}  {gives}")


def _tracing(loaded: LoadedCourse, outline: Outline, found: Standing) -> str:
    """How to watch the first program; it must have been built where its language asks for it."""
    from grader.student.files import typed

    entry = found.entry
    language = loaded.data.languages.get(entry.last.language) if entry else None
    if language is None:
        return "grade trace -- COMMAND"
    program = typed(found.folder / outline.programs[0], Path.cwd())
    names = {
        "{python}": "python3",
        "{source}": f"{program}{language.suffix}",
        "{program}": program if "/" in program else f"./{program}",
    }
    words = language.run
    for placeholder, name in names.items():
        words = [word.replace(placeholder, name) for word in words]
    return clean_line(f"grade trace -- {' '.join(words)}")


hint_command = click.Command(
    name="hint",
    callback=_hint,
    short_help="A hint for the first check that failed.",
    help=_HELP,
    params=[
        click.Argument(["id"], metavar="ASSIGNMENT"),
        click.Argument(["submission"], required=False, type=click.Path(path_type=Path)),
        click.Option(["--check"], metavar="CHECK", help="For this check that failed."),
        course_option(),
    ],
)
