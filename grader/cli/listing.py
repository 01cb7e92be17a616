"""Owns `grade list`: every assignment with its title, languages, points, and your state."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.output import course_option, wants_color, write_text
from grader.cli.overview import STATE, WIDTH, earned, state, tell_troubles, title
from grader.report.columns import fit, width

_HELP = """\
List the assignments of the course: id, title, languages with something to begin with, your
points, and your state.

\b
passed       a grading had full marks
in progress  a program is there, or was graded, without full marks so far
untouched    nothing of it is here

Your work is looked for here and in a folder called like the assignment; what was graded is
remembered beside it, in the file .grade.yaml.

\b
Examples:
  grade list
  grade list --course ~/ipc-course
"""


def _list(*, course: Path | None) -> int:
    from grader.course.load import find_course
    from grader.student.standing import survey

    found = survey(find_course(course), Path.cwd())
    color = wants_color()
    rows = [
        (
            one.id,
            title(one),
            ", ".join(one.outline.languages) if one.outline else "",
            earned(one),
            state(one, color=color),
        )
        for one in found.standings
    ]
    heads = ("id", "title", "languages", "points", "state")
    ids, _, languages, earnings, _ = (
        max(width(text) for text in column) for column in zip(heads, *rows, strict=True)
    )
    titles = WIDTH - ids - languages - earnings - STATE - 4 * 2
    lines = [
        "  ".join(
            (
                fit(row[0], ids),
                fit(row[1], titles),
                fit(row[2], languages),
                " " * (earnings - width(row[3])) + row[3],
                row[4],
            )
        ).rstrip()
        for row in (heads, *rows)
    ]
    write_text("".join(f"{line}\n" for line in lines), None)
    tell_troubles(found)
    return 0


list_command = click.Command(
    name="list",
    callback=_list,
    short_help="All assignments, and your points.",
    help=_HELP,
    params=[course_option()],
)
