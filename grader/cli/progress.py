"""Owns how far a batch is, told while it runs: a line that moves on a terminal, plain lines where
they are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader.report.clean import clean_line
from grader.report.detail import inert
from grader.report.words import points

if TYPE_CHECKING:
    from grader.batch.flow import Progress as Reached
    from grader.batch.flow import Watch
    from grader.batch.store import Result


@contextmanager
def shown_progress(start: Reached) -> Iterator[Watch]:
    """What to tell each step to. On stderr: stdout is for results."""
    terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if terminal:
        with _moving(start) as watch:
            yield watch
    else:
        yield _line


def _line(progress: Reached, result: Result | None) -> None:
    if result is not None:
        done = f"{progress.done}/{progress.total}"
        click.echo(inert(f"{done} {result_line(result)}"), err=True)
    elif progress.done == progress.total and progress.kept:
        click.echo(f"{progress.kept} of {progress.total} were graded before", err=True)


def result_line(result: Result) -> str:
    """`ana pipe: deadlock, 3.5 of 10`."""
    score = (
        "no score"
        if result.score is None
        else f"{points(result.score)} of {points(result.max_score)}"
    )
    return f"{clean_line(result.student)} {result.assignment}: {result.outcome}, {score}"


@contextmanager
def _moving(start: Reached) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[errors]} errors"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=start.total, failed=0, errors=0, rate="")

        def watch(now: Reached, _result: Result | None) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{now.graded / elapsed:.1f}/s" if elapsed > 1 else ""
            bar.update(
                task,
                total=now.total,
                completed=now.done,
                failed=now.failed,
                errors=now.errors,
                rate=rate,
            )

        yield watch
