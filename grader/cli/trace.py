"""Owns `grade trace`: any program, in the caller's environment and terminal, and its story."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import click

from grader.cli import completing
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.trace.model import Recording


@click.command(
    name="trace",
    short_help="Watch any program's IPC as it happens.",
    context_settings={"allow_interspersed_args": False},
)
@click.option(
    "--format",
    type=click.Choice(["text", "json", "mermaid"]),
    default="text",
    show_default=True,
    help="A line an event as it happens; or at the end the recording, or a sequence diagram.",
)
@click.option(
    "-f",
    "--families",
    default="",
    metavar="FAMILY,…",
    shell_complete=completing.families,
    help="Only these families of events: pipe, signal, msg, socket, … (text only).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the trace there instead of to stderr.",
)
@click.argument(
    "command", nargs=-1, required=True, type=click.UNPROCESSED, shell_complete=completing.files
)
def trace_command(
    format: Literal["text", "json", "mermaid"],
    families: str,
    output: Path | None,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND and show how its processes talk to each other.

    It runs right here: your folder, your terminal, no sandbox, no limits. The exit status is that
    of COMMAND.

    \b
    Examples:
      grade trace -- ./hello 'Hi!'
      grade trace -f pipe,process -- sh -c 'ls | sort | head -3'
      grade trace --format mermaid -o hello.mmd -- python3 hello.py
    """
    # Imported here: `grade --help` needs none of what talks to the kernel.
    from grader.run.traced import trace

    wanted = _families(families)

    with ExitStack() as stack:
        out = stack.enter_context(_opened(output)) if output is not None else sys.stderr
        if format == "json":
            from grader.report import json

            recording, status = trace(list(command), stuck=partial(_tell_stuck, sys.stderr))
            click.echo(json.render(recording), file=out, nl=False)
        elif format == "mermaid":
            from grader.report import mermaid

            recording, status = trace(list(command), stuck=partial(_tell_stuck, sys.stderr))
            out.write(mermaid.render(recording))
        else:
            from grader.report.story import summary
            from grader.report.telling import Teller

            color = out.isatty() and "NO_COLOR" not in os.environ
            teller = Teller(out.write, wanted, color=color)

            def stuck(recording: Recording) -> None:
                teller.finish()
                _tell_stuck(out, recording)

            recording, status = trace(list(command), teller.tell, stuck)
            teller.finish()
            out.write(f"\n{summary(recording)}")
    return status


def _tell_stuck(out: TextIO, recording: Recording) -> None:
    """Who waits for whom, while the command waits; ending it is up to the user."""
    from grader.check.explain import explain
    from grader.report.clean import clean_line

    told = [f"  {clean_line(sentence)}\n" for sentence in explain(recording)]
    out.write("".join(["Nothing that is traced can go on (Ctrl-C ends it):\n", *told]))
    out.flush()


def _families(given: str) -> list[str]:
    wanted = [family.strip() for family in given.split(",") if family.strip()]
    if not wanted:
        return []
    from grader.course.events import FAMILIES

    for family in wanted:
        if family not in FAMILIES:
            raise UsageError(
                f"there are no events of the family {family}",
                where="-f",
                fix=f"families: {', '.join(sorted(FAMILIES))}",
            )
    return wanted


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the trace cannot be written: {error.strerror}",
            where=str(path),
            fix="give another FILE to -o",
        ) from error
