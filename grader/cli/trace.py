"""Owns `grade trace`: any program, in the caller's environment and terminal, and its story."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, TextIO

import click

from grader.errors import UsageError


@click.command(
    name="trace",
    short_help="Watch any program's IPC as it happens.",
    context_settings={"allow_interspersed_args": False},
)
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A line an event as it happens, or the whole recording at the end.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the trace there instead of to stderr.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def trace_command(
    format: Literal["text", "json"], output: Path | None, command: tuple[str, ...]
) -> int:
    """Run COMMAND and show how its processes talk to each other.

    It runs right here: your folder, your terminal, no sandbox, no limits. The exit status is that
    of COMMAND.

    \b
    Example:
      grade trace -- ./hello 'Hi!'
    """
    # Imported here: `grade --help` needs none of what talks to the kernel.
    from grader.report import json, story
    from grader.run.traced import trace

    with ExitStack() as stack:
        out = stack.enter_context(_opened(output)) if output is not None else sys.stderr
        if format == "json":
            recording, status = trace(list(command), None)
            click.echo(json.render(recording), file=out, nl=False)
        else:
            recording, status = trace(
                list(command), lambda event: print(story.event_line(event), file=out, flush=True)
            )
            out.write(f"\n{story.summary(recording)}")
    return status


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the trace cannot be written: {error.strerror}",
            where=str(path),
            fix="give another FILE to -o",
        ) from error
