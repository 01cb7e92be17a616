"""Owns `grade ASSIGNMENT --watch`: a new verdict whenever a file is saved, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from grader.cli.errors import describe, within
from grader.cli.grading import Asked, Found, find, show
from grader.cli.output import terminal_width
from grader.course.yaml import shown
from grader.errors import CourseError, UsageError
from grader.outcome import Verdict, exit_status
from grader.report.clean import clean_line

_TOGETHER_MS = 400
"""An editor saves in several steps (a new file, a rename): they count as one change, ..."""
_QUIET_MS = 50
"""... which is over when nothing more has come for so long."""
_MISSING_MS = 300
"""What is not there cannot be watched: so often it is looked for."""


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

    places = _places(find(asked))
    seen: Found | str | None = None
    with _remembered() as interrupt:
        while True:
            watched = _identities(places)
            there = [str(place) for place, known in watched.items() if known is not None]
            try:
                watcher = RustNotify(there, False, False, 0, True, False)
            except FileNotFoundError:
                continue  # deleted between the two
            with watcher:
                # A folder that was deleted and made again is another one, to be watched anew.
                while _identities(places) == watched:
                    now = _look(asked)
                    if now != seen:
                        seen = now
                        status = _turn(asked, now, places[0])
                        if status is not None:
                            return status
                    until = _MISSING_MS if None in watched.values() else 0
                    said = watcher.watch(_TOGETHER_MS, _QUIET_MS, until, interrupt)
                    if said in ("signal", "stop"):
                        raise KeyboardInterrupt
                    # The next one may have been given the number of the one before.
                    if isinstance(said, set) and any(path in there for _kind, path in said):
                        break


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


def _places(found: Found) -> tuple[Path, Path]:
    """The folders to watch, of the program and of the assignment: a saved file may be a new one
    under the old name."""
    place = found.submission.place.resolve()
    return place if place.is_dir() else place.parent, found.assignment.folder


def _identities(places: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    """Which folder it is that lies at each place; None: none."""
    return {place: _identity(place) for place in places}


def _identity(place: Path) -> tuple[int, int] | None:
    try:
        status = place.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _look(asked: Asked) -> Found | str:
    """What there is to grade now, or why there is nothing: a program may be missing for a
    moment, or the file of an assignment that is being written be broken."""
    try:
        return find(asked)
    except (UsageError, CourseError) as error:
        return describe(error)


def _turn(asked: Asked, seen: Found | str, folder: Path) -> int | None:
    """One verdict, or why there is none; an exit status if the watch is over. folder: the watched
    one."""
    if sys.stdout.isatty():
        click.clear()
    if isinstance(seen, str):
        click.echo(within(seen, terminal_width()) if sys.stdout.isatty() else seen)
    else:
        report = show(asked, seen)
        if report.verdict is Verdict.ERROR:
            return exit_status(report)
    name = "this folder" if folder == Path.cwd() else clean_line(shown(folder))
    click.echo(f"\nWatching {name}: save a file to grade again, Ctrl-C to end.")
    return None
