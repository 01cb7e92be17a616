"""Owns `grade new`: an assignment to begin with, and what to do with it next."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import completing
from grader.cli.output import command_names, course_option, naming
from grader.errors import UsageError
from grader.report.clean import clean_line

_HELP = """\
Make a new assignment that lints and verifies as it is, and add it to course.yaml.

It is a small exercise of a process that becomes another program, or a copy of another assignment
under a new name: assignment.yaml, handout, stubs, reference solutions, and wrong programs that say
which checks they fail. Change them from there. Nothing that exists is replaced.

\b
Examples:
  grade new named-pipe
  grade new named-pipe --title 'Talking through a FIFO'
  grade new pipe-again --like pipe
"""


def _new(*, id: str, source: str | None, title: str | None, course: Path | None) -> int:
    # Imported here: `grade --help` needs none of what reads YAML.
    from grader.course import scaffold
    from grader.course.load import COURSE_FILE, find_course
    from grader.course.yaml import shown
    from grader.student.files import replace

    loaded = find_course(course)
    came_with_us = loaded.folder.is_relative_to(Path(__file__).parents[1])
    here = Path.cwd().resolve()
    if came_with_us or (course is None and not here.is_relative_to(loaded.folder)):
        raise UsageError(
            "the course that came with `grade` is not yours to change",
            where=str(Path.cwd()),
            fix="go to the folder of your course, or name it with --course",
        )
    scaffold.refuse_id(loaded, id, command_names())
    if title is None:
        title = scaffold.default_title(id)
    elif not title.strip() or not title.isprintable():
        raise UsageError(
            "a title is one line of text", where="--title", fix="leave it out, or write one"
        )
    if source is None:
        files = scaffold.from_template(loaded, id, title.strip())
    else:
        files = scaffold.like(loaded, source, id, title.strip())
    path = loaded.folder / COURSE_FILE
    text = path.read_bytes().decode("utf-8")
    # Where it is listed already, only its files were missing.
    new = text if id in loaded.data.assignments else scaffold.listed(text, id)
    try:
        scaffold.create(loaded, files)
        if new != text:
            replace(path, new.encode(), mode=path.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageError(
            f"the assignment cannot be written: {error.strerror}",
            where=str(error.filename or loaded.folder),
            fix="make that place writable, or name another course with --course",
        ) from error
    click.echo(f"{id} · {clean_line(title.strip())}\n")
    for name in files:
        click.echo(f"  written   {clean_line(shown(loaded.folder / name))}")
    if new != text:
        click.echo(f"  changed   {clean_line(shown(path))}")
    click.echo(f"\nCheck its files:    grade lint {id}{naming(course)}")
    click.echo(f"Check its programs: grade verify {id}{naming(course)}")
    return 0


new_command = click.Command(
    name="new",
    callback=_new,
    short_help="A new assignment that lints and verifies.",
    help=_HELP,
    params=[
        click.Argument(["id"], metavar="ID"),
        click.Option(
            ["--like", "source"],
            metavar="ID",
            help="Copy this assignment instead of the template.",
            shell_complete=completing.assignments,
        ),
        click.Option(["--title"], metavar="TEXT", help="Its title.  [default: from the id]"),
        course_option(),
    ],
)
