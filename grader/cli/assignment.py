"""Owns `grade ASSIGNMENT`: its arguments, and from them to the printed verdict."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from grader.cli import completing
from grader.cli.output import SEED, NumberOption, format_option, isolation_option, output_option
from grader.errors import UsageError

_SEEDS = 1 << 31
"""Fresh seeds stay below this: short enough to type."""


def assignment_command(id: str, *, other_commands: Sequence[str]) -> click.Command:
    """The command that grades this assignment; whether the course has it shows when it runs.

    other_commands: what else the user may have meant.
    """

    def run(**options: Any) -> int:  # as click gives them, by the names of the parameters below
        return _grade(id, other_commands, **options)

    return click.Command(
        name=id,
        callback=run,
        help=f"Grade your program for the assignment {id!r}.\n\n"
        "SUBMISSION is the folder that holds your program, or the program itself. Without it "
        f"the folder ./{id}/ is graded, or else the current folder if your program lies there.\n\n"
        f"\b\nExamples:\n  grade {id}\n"
        f"  grade {id} --watch              again whenever a file is saved\n"
        f"  grade {id} --only CHECK -v      one check, and all that happened\n"
        f"  grade {id} --seed 7             the random values of seed 7 again\n"
        f"  grade {id} ~/os/{id} --lang c   another folder, the C program in it\n",
        params=[
            click.Argument(["submission"], required=False, type=click.Path(path_type=Path)),
            click.Option(
                ["--only"],
                multiple=True,
                metavar="CHECK",
                shell_complete=completing.checks,
                help="Judge this check alone, called as in a verdict; may be repeated.",
            ),
            NumberOption(
                ["--seed"],
                type=SEED,
                metavar="N",
                help="Repeat a run with its random values; the report names its seed.",
            ),
            click.Option(["--watch"], is_flag=True, help="Grade again whenever a file is saved."),
            click.Option(
                ["-v", "--verbose"], is_flag=True, help="Tell what happened in each scenario, too."
            ),
            click.Option(["-q", "--quiet"], is_flag=True, help="Only one line."),
            click.Option(
                ["--lang"],
                metavar="LANGUAGE",
                shell_complete=completing.languages,
                help="The language, if several are there.",
            ),
            format_option(),
            output_option(),
            click.Option(
                ["--course"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help="The folder with course.yaml; found by itself if it is above this one.",
            ),
            isolation_option(),
        ],
    )


def _grade(id: str, other_commands: Sequence[str], *, seed: int | None, **options: Any) -> int:
    # Imported here: `grade --help` needs none of what reads YAML or talks to the kernel.
    from grader.cli.grading import Asked, grade_once
    from grader.cli.watch import grade_on_save
    from grader.course.load import find_course

    watch: bool = options.pop("watch")
    # Not by `secrets`, which takes longer to be imported than an assignment to be read.
    fresh = int.from_bytes(os.urandom(4)) % _SEEDS if seed is None else seed
    asked = Asked(id=id, seed=fresh, **options)
    _refuse_contradictions(asked.format, asked.output, asked.verbose, asked.quiet, watch)
    course = find_course(asked.course)
    _refuse_mistyped_command(id, course.data.assignments, other_commands)
    return grade_on_save(asked) if watch else grade_once(asked)


def _refuse_contradictions(
    format: str, output: Path | None, verbose: bool, quiet: bool, watch: bool
) -> None:
    if verbose and quiet:
        raise UsageError("-v and -q contradict each other", fix="leave one of them out")
    given = {"-v": verbose, "-q": quiet, "--watch": watch}
    for option in [name for name, is_given in given.items() if is_given]:
        if format != "text":
            raise UsageError(
                f"{option} is for people, --format {format} for programs",
                fix="leave one of them out",
            )
    if watch and output is not None:
        raise UsageError("--watch shows its verdicts on the screen", fix="leave -o out")


def _refuse_mistyped_command(id: str, assignments: Sequence[str], commands: Sequence[str]) -> None:
    """`grade trcae` means no assignment; other unknown names are told with the course's own."""
    if id in assignments:
        return
    import difflib

    close = difflib.get_close_matches(id, commands, n=1, cutoff=0.75)
    if close:
        raise UsageError(
            f"there is no command and no assignment {id!r}", fix=f"did you mean `grade {close[0]}`?"
        )
    if assignments and not difflib.get_close_matches(id, assignments, n=1):
        raise UsageError(
            f"there is no command and no assignment {id!r}",
            fix=f"assignments: {', '.join(assignments)}; for commands: grade --help",
        )
