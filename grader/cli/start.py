"""Owns `grade start`: the programs to begin with, copied without harm to what is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completing
from grader.cli.output import course_option, naming
from grader.errors import UsageError
from grader.report.clean import clean_line

if TYPE_CHECKING:
    from grader.course.model import LoadedCourse
    from grader.course.outline import Outline
    from grader.student.files import Stub

_HELP = """\
Copy the files that an assignment begins with into ./ASSIGNMENT/, or into DIR.

A file of yours is never replaced unasked: if one differs from what would be written, you are
asked; where nobody can be asked, nothing is written and the exit status is 2. --force replaces
without asking. Without --lang it is the language that you wrote last, or else you choose.

\b
Examples:
  grade start pipe
  grade start pipe --lang c
  grade start pipe ~/os/pipe      another folder
  grade start pipe --force        begin again; what you wrote there is lost
"""


def _start(
    *, id: str, folder: Path | None, lang: str | None, force: bool, course: Path | None
) -> int:
    from grader.course.load import find_course
    from grader.course.outline import STUBS, load_outline
    from grader.run.submission import read_tree
    from grader.student.files import Place, put, stubs
    from grader.student.standing import grading, home

    loaded = find_course(course)
    outline = load_outline(loaded, id)
    cwd = Path.cwd()
    language = _language(loaded, outline, lang, cwd)
    target = home(loaded, cwd) / id if folder is None else cwd / folder
    if target.exists() and not target.is_dir():
        raise UsageError(
            "this is no folder", where=_shown(target), fix="name the folder to begin in"
        )
    try:
        found = list(stubs(read_tree(outline.folder / STUBS / language).files, target))
        replaced = _may_replace(id, [one for one in found if one.place is Place.WORK], force=force)
        if blocked := [one for one in found if one.place is Place.OCCUPIED]:
            raise UsageError(
                f"{blocked[0].path.name} is there, and no file",
                where=_shown(blocked[0].path),
                fix="move it away, or name another folder: "
                f"grade start {id} --lang {language} FOLDER",
            )
        for one in found:
            if one.place is Place.FREE or (replaced and one.place is Place.WORK):
                put(one)
    except OSError as error:
        raise UsageError(
            f"the files cannot be written: {error.strerror}",
            where=_shown(target),
            fix=f"choose another folder: grade start {id} --lang {language} FOLDER",
        ) from error
    others = [f"--lang {one}" for one in outline.languages if lang is None and one != language]
    choice = f" (in another language: {' or '.join(others)})" if others else ""
    click.echo(f"{id} · {clean_line(outline.title)} · {language}{choice}\n")
    for one in found:
        click.echo(f"  {_fate(one, replaced=replaced):<9} {_shown(one.path)}")
    again = grading(loaded, outline, Path(os.path.normpath(target)), cwd, language=language)
    click.echo(f"\nRead the task:           grade show {id}{naming(course)}")
    click.echo(f"Write, then have graded: {clean_line(again)}{naming(course)}")
    return 0


def _shown(path: Path) -> str:
    from grader.student.files import typed

    return clean_line(typed(path, Path.cwd()))


def _fate(stub: Stub, *, replaced: bool) -> str:
    """What became of the file."""
    return {
        "free": "written",
        "same": "unchanged",
        "work": "replaced" if replaced else "kept",
    }[stub.place]


def _may_replace(id: str, work: Sequence[Stub], *, force: bool) -> bool:
    """Whether these files may be lost. UsageError: nobody can be asked."""
    if not work or force:
        return True
    names = ", ".join(_shown(stub.path) for stub in work)
    if not sys.stdin.isatty():
        raise UsageError(
            f"what you wrote is there already: {names}",
            fix=f"to keep it, just go on with it; to begin in another folder: grade start {id} "
            "FOLDER;\n  to begin again here, add --force: what you wrote is then lost",
        )
    return click.confirm(f"Replace {names}? What you wrote would be lost.", err=True)


def _language(course: LoadedCourse, outline: Outline, wanted: str | None, cwd: Path) -> str:
    """The language to begin in. UsageError: there is nothing to begin with in this one."""
    from grader.course.outline import STUBS

    with_stub = [id for id in outline.languages if (outline.folder / STUBS / id).is_dir()]
    if not with_stub:
        raise UsageError(
            f"the assignment {outline.id!r} has no files to begin with",
            fix=f"begin with an empty file; grade show {outline.id} tells its name",
        )
    if wanted is not None:
        if wanted not in with_stub:
            raise UsageError(
                f"{outline.id!r} has no files to begin with in the language {wanted!r}",
                where="--lang",
                fix=f"choose one of: {', '.join(with_stub)}",
            )
        return wanted
    if len(with_stub) == 1:
        return with_stub[0]
    if (last := _written_last(course, cwd)) in with_stub:
        return str(last)
    if not sys.stdin.isatty():
        return with_stub[0]
    chosen: str = click.prompt(
        "Language", type=click.Choice(with_stub), default=with_stub[0], err=True
    )
    return chosen


def _written_last(course: LoadedCourse, cwd: Path) -> str | None:
    from grader.student.standing import survey

    graded = [one.entry.last for one in survey(course, cwd).standings if one.entry is not None]
    last = max(graded, key=lambda attempt: attempt.when, default=None)
    return last.language if last else None


start_command = click.Command(
    name="start",
    callback=_start,
    short_help="A program to begin with.",
    help=_HELP,
    params=[
        click.Argument(["id"], metavar="ASSIGNMENT", shell_complete=completing.assignments),
        click.Argument(
            ["folder"], metavar="[DIR]", required=False, type=click.Path(path_type=Path)
        ),
        click.Option(
            ["--lang"],
            metavar="LANGUAGE",
            shell_complete=completing.languages,
            help="The language to write in.",
        ),
        click.Option(["--force"], is_flag=True, help="Replace files that are there, unasked."),
        course_option(),
    ],
)
