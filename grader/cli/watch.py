"""Owns `grade ASSIGNMENT --watch`: a new verdict whenever a file is saved, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from grader.cli.errors import describe
from grader.cli.grading import Asked, Found, find, show
from grader.errors import CourseError, UsageError
from grader.outcome import Verdict, exit_status
from grader.report.clean import clean_line

_TOGETHER_MS = 400
"""An editor saves in several steps (a new file, a rename): they count as one change, ..."""
_QUIET_MS = 50
"""... which is over when nothing more has come for so long."""


def grade_on_save(asked: Asked) -> int:
    """Grade now and after every change of the program or the assignment.

    Ends with the exit status of a grading that the grader could not do; else by Ctrl-C, which
    leaves as KeyboardInterrupt: 0 would say "full marks". UsageError, CourseError: there is
    nothing to begin with.
    """
    # The documented way to have the watch in place before the first look at the files
    # (watchfiles.helpmanual.io/api/rust_backend): its generator only begins to watch when asked
    # for the first change.
    from watchfiles._rust_notify import RustNotify

    found = find(asked)
    with (
        RustNotify(_places(found), False, False, 0, True, False) as watcher,
        _remembered() as interrupt,
    ):
        seen: Found | str = found
        while True:
            status = _turn(asked, seen)
            if status is not None:
                return status
            last = seen
            while seen == last:
                if watcher.watch(_TOGETHER_MS, _QUIET_MS, 0, interrupt) in ("signal", "stop"):
                    raise KeyboardInterrupt
                seen = _look(asked)


class _Interrupt:
    """Whether Ctrl-C was pressed, in the form that watchfiles asks for.

    KeyboardInterrupt alone can be lost: where it comes up in the callback of a weak reference, as
    imports have them, the interpreter only prints it (docs.python.org/3/library/weakref.html).
    """

    def __init__(self) -> None:
        self._pressed = False

    def press(self, _number: int, _frame: FrameType | None) -> None:
        self._pressed = True
        raise KeyboardInterrupt

    def is_set(self) -> bool:
        return self._pressed


@contextmanager
def _remembered() -> Iterator[_Interrupt]:
    interrupt = _Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def _places(found: Found) -> list[str]:
    """The folders to watch: a saved file may be a new one under the old name."""
    place = found.submission.place.resolve()
    folder = place if place.is_dir() else place.parent
    return [str(folder), str(found.assignment.folder)]


def _look(asked: Asked) -> Found | str:
    """What there is to grade now, or why there is nothing: a program may be missing for a
    moment, or the file of an assignment that is being written be broken."""
    try:
        return find(asked)
    except (UsageError, CourseError) as error:
        return describe(error)


def _turn(asked: Asked, seen: Found | str) -> int | None:
    """One verdict, or why there is none; an exit status if the watch is over."""
    if sys.stdout.isatty():
        click.clear()
    if isinstance(seen, str):
        click.echo(seen)
    else:
        report = show(asked, seen)
        if report.verdict is Verdict.ERROR:
            return exit_status(report)
    place = asked.submission or Path.cwd()
    name = clean_line(str(place))
    click.echo(f"\nWatching {name}: save a file to grade again, Ctrl-C to end.")
    return None
