"""Owns `grade hint`: its arguments; the work is done in `cli.next_hint`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.cli import completing
from grader.cli.output import course_option

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


def _hint(**options: Any) -> int:  # as click gives them, by the names of the parameters below
    # Imported here: `grade --help` needs none of what reads YAML.
    from grader.cli.next_hint import Asked, give

    return give(Asked(**options))


hint_command = click.Command(
    name="hint",
    callback=_hint,
    short_help="A hint for the first check that failed.",
    help=_HELP,
    params=[
        click.Argument(["id"], metavar="ASSIGNMENT", shell_complete=completing.assignments),
        click.Argument(["submission"], required=False, type=click.Path(path_type=Path)),
        click.Option(
            ["--check"],
            metavar="CHECK",
            shell_complete=completing.checks,
            help="For this check, and not for the first that failed.",
        ),
        course_option(),
    ],
)
