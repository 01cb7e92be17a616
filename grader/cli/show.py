"""Owns `grade show`: an assignment's handout in the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import completing
from grader.cli.output import course_option, terminal_width, wants_color, write_text
from grader.errors import UsageError

_HELP = """\
Show the task of an assignment.

In a terminal as wide as it is, up to 100 columns; in a pipe as plain text of 80. Lines of code
are never broken.

\b
Examples:
  grade show pipe
  grade show pipe | less
"""


def _show(*, id: str, course: Path | None) -> int:
    from grader.course.load import find_course
    from grader.course.outline import HANDOUT, load_outline

    outline = load_outline(find_course(course), id)
    path = outline.folder / HANDOUT
    try:
        markdown = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"the handout of {id!r} cannot be read: {error.strerror}",
            where=str(path),
            fix="ask whoever gives the course for it",
        ) from error
    from grader.report.handout import render

    write_text(render(markdown, color=wants_color(), width=terminal_width()), None)
    return 0


show_command = click.Command(
    name="show",
    callback=_show,
    short_help="The task of an assignment.",
    help=_HELP,
    params=[
        click.Argument(["id"], metavar="ASSIGNMENT", shell_complete=completing.assignments),
        course_option(),
    ],
)
