"""Owns `grade ASSIGNMENT`: its arguments, and from them to the printed verdict."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import (
    format_option,
    isolation_option,
    output_option,
    wants_color,
    write_form,
    write_text,
)
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.run.spec import Isolation

_SEEDS = 1 << 31
"""Fresh seeds stay below this: short enough to type."""


def assignment_command(id: str, *, other_commands: Sequence[str]) -> click.Command:
    """The command that grades this assignment; whether the course has it shows when it runs.

    other_commands: what else the user may have meant.
    """

    def run(
        *,
        submission: Path | None,
        lang: str | None,
        format: str,
        output: Path | None,
        seed: int | None,
        course: Path | None,
        isolation: Isolation | None,
    ) -> int:
        return _grade(
            id,
            submission,
            language=lang,
            format=format,
            output=output,
            seed=secrets.randbelow(_SEEDS) if seed is None else seed,
            course_folder=course,
            isolation=isolation,
            other_commands=other_commands,
        )

    return click.Command(
        name=id,
        callback=run,
        help=f"Grade your program for the assignment {id!r}.\n\n"
        "SUBMISSION is the folder that holds your program, or the program itself. Without it "
        f"the folder ./{id}/ is graded, or else the current folder if your program lies there.",
        params=[
            click.Argument(["submission"], required=False, type=click.Path(path_type=Path)),
            click.Option(
                ["--lang"], metavar="LANGUAGE", help="The language, if several are there."
            ),
            format_option(),
            output_option(),
            click.Option(
                ["--seed"],
                type=click.IntRange(min=0),
                metavar="N",
                help="Repeat a run with its random values; the report names its seed.",
            ),
            click.Option(
                ["--course"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help="The folder with course.yaml; found by itself if it is above this one.",
            ),
            isolation_option(),
        ],
    )


def _grade(
    id: str,
    submission: Path | None,
    *,
    language: str | None,
    format: str,
    output: Path | None,
    seed: int,
    course_folder: Path | None,
    isolation: Isolation | None,
    other_commands: Sequence[str],
) -> int:
    # Imported here: `grade --help` needs none of what reads YAML or talks to the kernel.
    from grader.course.load import find_course, load_assignment
    from grader.grade import grade
    from grader.outcome import exit_status
    from grader.report import terminal
    from grader.report.detail import Entry, inert
    from grader.run.submission import find_submission

    course = find_course(course_folder)
    _refuse_mistyped_command(id, course.data.assignments, other_commands)
    assignment = load_assignment(course, id)
    found = find_submission(course, assignment, submission, language=language, cwd=Path.cwd())
    report = grade(course, assignment, found, seed=seed, isolation=isolation)
    if format == "text":
        color = output is None and wants_color()
        write_text(inert(terminal.render(report, color=color)), output)
    else:
        write_form(format, [Entry(report)], output, folder=found.place)
    return exit_status(report)


def _refuse_mistyped_command(id: str, assignments: Sequence[str], commands: Sequence[str]) -> None:
    """`grade trcae` means no assignment; other unknown names are told with the course's own."""
    close = difflib.get_close_matches(id, commands, n=1, cutoff=0.75)
    if id not in assignments and close:
        raise UsageError(
            f"there is no command and no assignment {id!r}", fix=f"did you mean `grade {close[0]}`?"
        )
