"""Owns `grade export`: its arguments, and what it says of what it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import course_option
from grader.errors import UsageError
from grader.report.clean import clean_line

if TYPE_CHECKING:
    from grader.course.export import Bundle
    from grader.course.model import LoadedCourse

_HELP = """\
Write what students get of the course into DIR, a new or an empty folder: course.yaml, and of each
assignment assignment.yaml, README.md, handout/ and stubs/.

Without solutions, wrong programs and hidden checks. Where there are hidden checks, the scenarios
and random values that only they use are left out too, and the assignment is written anew, without
comments; all else is copied as it is, but for the line that names the schema to editors. The points
of hidden checks are then missing from the score that students get at home. Links are refused. The
same course makes the same bytes each time.

\b
Examples:
  grade export ../course-for-students
  grade export /tmp/public --course ~/os-course
"""


def _export(*, folder: Path, course: Path | None) -> int:
    # Imported here: `grade --help` needs none of what reads YAML.
    from grader.course.export import bundle, write
    from grader.course.load import find_course

    loaded = find_course(course)
    _refuse_inside(folder, loaded)
    exported = bundle(loaded)
    write(exported, folder)
    _tell(exported, folder)
    return 0


def _refuse_inside(folder: Path, course: LoadedCourse) -> None:
    """A bundle among the assignments would look like one of them."""
    for name in ("assignments", "solutions"):
        if folder.resolve().is_relative_to(course.folder / name):
            raise UsageError(
                f"{folder} lies in the course's own {name}/",
                fix="choose a folder beside the course: grade export ../for-students",
            )


def _tell(exported: Bundle, folder: Path) -> None:
    files, assignments = len(exported.files), len(exported.points)
    told = "1 assignment" if assignments == 1 else f"{assignments} assignments"
    click.echo(f"{told} in {files} files written to {clean_line(str(folder))}")
    for points in exported.points:
        if points.public != points.all:
            click.echo(
                f"  {points.assignment}: {points.public:g} of {points.all:g} points; "
                "students can't see the hidden checks' points at home"
            )
    for name in exported.left_out:
        click.echo(f"  not public, left out: {clean_line(name)}")


export_command = click.Command(
    name="export",
    callback=_export,
    short_help="What students get of the course.",
    help=_HELP,
    params=[
        click.Argument(["folder"], metavar="DIR", type=click.Path(path_type=Path)),
        course_option(),
    ],
)
