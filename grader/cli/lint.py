"""Owns `grade lint`: its arguments, and its problems for people, programs and GitHub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from grader.cli import completing
from grader.cli.output import command_names, course_option
from grader.errors import ExitStatus
from grader.report.clean import clean, clean_line

if TYPE_CHECKING:
    from grader.course.lint import Linted

SCHEMA = "grade/lint/v1"

_HELP = """\
Find everything that is wrong with the course's files, all at once.

Reads course.yaml and each assignment (of all, without ID) with its handout, its stubs and what its
wrong programs declare; nothing is run. Each problem is told as FILE:LINE:COLUMN with what to do.

\b
Examples:
  grade lint                    the whole course
  grade lint pipe               one assignment
  grade lint --format github    annotations for a pull request

\b
Exit status:
  0  no problems
  2  at least one
"""


def _lint(
    *, ids: tuple[str, ...], format: Literal["text", "json", "github"], course: Path | None
) -> int:
    # Imported here: `grade --help` needs none of what reads YAML.
    from grader.course.lint import lint
    from grader.course.load import course_folder

    linted = lint(course_folder(course).resolve(), ids, reserved=command_names())
    show = {"text": _as_text, "json": _as_json, "github": _as_github}[format]
    click.echo(show(linted))
    return ExitStatus.USAGE if linted.problems else ExitStatus.FULL_MARKS


def _as_text(linted: Linted) -> str:
    lines: list[str] = []
    for problem in linted.problems:
        lines.append(clean_line(str(problem)))
        if problem.fix:
            lines.append(f"    {clean_line(problem.fix)}")
    return "\n".join([*lines, _summary(linted)])


def _summary(linted: Linted) -> str:
    number = len(linted.problems)
    looked = len(linted.assignments)
    assignments = f"{looked} assignment{'' if looked == 1 else 's'}"
    if not number:
        return f"grade: no problems in course.yaml and {assignments}"
    files = len({problem.file for problem in linted.problems})
    return (
        f"grade: {number} problem{'' if number == 1 else 's'} in {files} "
        f"file{'' if files == 1 else 's'}, of course.yaml and {assignments}"
    )


def _as_json(linted: Linted) -> str:
    import msgspec

    told = {
        "schema": SCHEMA,
        "assignments": linted.assignments,
        "problems": [msgspec.to_builtins(problem) for problem in linted.problems],
    }
    return json.dumps(told, indent=2)


def _as_github(linted: Linted) -> str:
    from grader.report.github import command

    lines = [
        command(
            "error",
            clean("\n".join(filter(None, (problem.message, problem.fix)))),
            file=clean_line(problem.file),
            line=str(problem.line),
            col=str(problem.column),
            title="grade lint",
        )
        for problem in linted.problems
    ]
    return "\n".join([*lines, _summary(linted)])


lint_command = click.Command(
    name="lint",
    callback=_lint,
    short_help="All that is wrong with the course's files.",
    help=_HELP,
    params=[
        click.Argument(["ids"], nargs=-1, metavar="[ID]...", shell_complete=completing.assignments),
        click.Option(
            ["--format"],
            type=click.Choice(["text", "json", "github"]),
            default="text",
            show_default=True,
            help="For people, for programs, or as annotations on GitHub.",
        ),
        course_option(),
    ],
)
