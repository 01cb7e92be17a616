"""Owns the options that several commands share, and where reports for people and programs go."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

    from grader.report.detail import Entry

FORMATS = ("text", "json", "junit", "gradescope", "github", "markdown")

SEED = click.IntRange(min=0, max=(1 << 63) - 1)
"""What is larger, the files that remember it could not hold."""


class NumberOption(click.Option):
    """An option whose help says in words what numbers it takes, without click's `[x>=1]`."""

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


def format_option() -> click.Option:
    return click.Option(
        ["--format"],
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="For people, or for which program.",
    )


def output_option() -> click.Option:
    return click.Option(
        ["-o", "--output"],
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the report there instead of printing it.",
    )


def isolation_option() -> click.Option:
    return click.Option(
        ["--isolation"],
        type=click.Choice(["namespaces", "landlock"]),
        help="Only this tier will do; by itself the strongest one that works here.",
    )


def course_option() -> click.Option:
    return click.Option(
        ["--course"],
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The folder with course.yaml; found by itself if it is above this one.",
    )


def command_names() -> list[str]:
    """The names that no assignment can have, because `grade NAME` means something else."""
    root = click.get_current_context().find_root()
    return root.command.list_commands(root) if isinstance(root.command, click.Group) else []


def naming(course: Path | None) -> str:
    """What a command that people shall type needs behind it to mean this course."""
    return "" if course is None else f" --course {shlex.quote(str(course))}"


def write(content: bytes, output: Path | None) -> None:
    """To the file, or else to stdout. UsageError: the file cannot be written."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.strerror}",
            where=str(output),
            fix="choose another file with -o",
        ) from error


def write_text(text: str, output: Path | None) -> None:
    """Text for people, in the terminal's own encoding."""
    if output is None:
        click.echo(text, nl=False)
    else:
        write(text.encode(errors="replace"), output)


def write_form(
    form: str, entries: Sequence[Entry], output: Path | None, *, folder: Path | None = None
) -> None:
    """The reports in a form for programs; for GitHub also the step's summary and its result.

    folder: of the programs, for annotations.
    """
    from grader.report import forms

    inside = "" if folder is None else _in_repository(folder)
    write(forms.render(form, entries, folder=inside), output)
    if form == "github":
        _tell_github(entries)


def _tell_github(entries: Sequence[Entry]) -> None:
    """What a step says besides its log goes into files that the runner names."""
    from grader.report import github, markdown

    said = {
        "GITHUB_STEP_SUMMARY": markdown.render(entries),
        "GITHUB_OUTPUT": f"result={github.classroom(entries)}\n",
    }
    for variable, text in said.items():
        if name := os.environ.get(variable):
            try:
                with Path(name).open("ab") as file:
                    file.write(text.encode())
            except OSError as error:
                raise UsageError(
                    f"the step's file cannot be written: {error.strerror}", where=f"${variable}"
                ) from error


def _in_repository(folder: Path) -> str:
    """Relative to the root of the checkout, as annotations name files."""
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    resolved = folder.resolve()
    resolved = resolved if resolved.is_dir() else resolved.parent
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else ""


def wants_color() -> bool:
    """Colours for a terminal, unless it or its user wants none (https://no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def terminal_width() -> int:
    """Columns for text on stdout: those of the terminal within what reads well, 80 elsewhere."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):  # a pipe, a file, no real stream
        return 80
    return min(max(columns, 60), 100) if columns else 80
