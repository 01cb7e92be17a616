"""Owns `grade batch`: its arguments, how it is interrupted and how it ends."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from grader.cli import completing
from grader.cli.output import SEED, NumberOption, format_option, isolation_option, output_option
from grader.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from grader.batch.flow import Batch
    from grader.course.model import LoadedCourse
    from grader.run.spec import Isolation

INTERRUPTED = 130
"""As a shell says it: ended by SIGINT."""
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
_AGAIN = "The same command again grades the rest."

_HELP = """\
Grade a folder of submissions into a gradebook.

SUBMISSIONS holds a folder or an archive (.zip, .tar, .tar.gz, .tar.xz) for each student, or what a
download from Canvas, Moodle or Gradescope holds. With several assignments each student's files lie
in folders named like them.

OUT gets results.sqlite, gradebook.csv, canvas.csv, moodle.csv and two reports for each submission.
The same command again grades only what is missing or has changed.

\b
Examples:
  grade batch hand-ins -a pipe --out out
  grade batch hand-ins -a pipe -a queue --out out --roster course.csv

\b
Exit status:
    0  all graded, whatever the scores
    2  wrong usage, or a broken course or assignment file
    3  some could not be graded; they have no score
  130  interrupted
"""


def _batch(
    *,
    submissions: Path,
    ids: tuple[str, ...],
    out: Path,
    jobs: int | None,
    roster: Path | None,
    lang: str | None,
    seed: int | None,
    course: Path | None,
    isolation: Isolation | None,
    format: str,
    output: Path | None,
) -> int:
    # Imported here: `grade --help` needs none of what reads YAML or talks to the kernel.
    from grader.batch.flow import Batch, Plan
    from grader.batch.naming import find_handed, recognised
    from grader.batch.store import only_writer, open_store
    from grader.batch.student import Roster, read_roster
    from grader.batch.work import local_pool
    from grader.cli.progress import shown_progress
    from grader.cli.results import write_results
    from grader.course.load import find_course, load_assignment

    loaded = find_course(course)
    _refuse_unknown(loaded, lang)
    assignments = [load_assignment(loaded, id) for id in dict.fromkeys(ids)]
    _refuse_inside(out, submissions)
    suffixes = [one.suffix for one in loaded.data.languages.values()]
    found = find_handed(submissions, suffixes)
    for name in found.ignored:
        click.echo(f"grade: left out, no submission: {name}", err=True)
    everybody = read_roster(roster) if roster else Roster()
    handed = recognised(found.handed, everybody)
    _refuse_several(format, len(handed), out)
    plan = Plan(
        course=loaded,
        assignments=assignments,
        handed=handed,
        roster=everybody,
        language=lang,
        jobs=jobs or len(os.sched_getaffinity(0)),
        seed=seed,
        isolation=isolation,
    )
    with only_writer(out), open_store(out, create=True) as store:
        batch = Batch(plan, store, out, lambda: local_pool(plan.jobs))
        with _interruptible(batch), shown_progress(batch.progress) as watch:
            progress = batch.run(watch)
        write_results(store, format, output)
    if progress.done < progress.total:
        _say(f"interrupted: {progress.done} of {progress.total} graded. {_AGAIN}")
        return INTERRUPTED
    if progress.errors:
        _say(f"{progress.errors} could not be graded and have no score. {_AGAIN}")
        return ExitStatus.INFRASTRUCTURE
    return 0


batch_command = click.Command(
    name="batch",
    callback=_batch,
    short_help="Grade a folder of submissions.",
    help=_HELP,
    params=[
        click.Argument(["submissions"], type=click.Path(path_type=Path)),
        click.Option(
            ["-a", "--assignment", "ids"],
            multiple=True,
            required=True,
            metavar="ID",
            shell_complete=completing.assignments,
            help="What to grade; may be given several times.",
        ),
        click.Option(
            ["--out"],
            required=True,
            type=click.Path(path_type=Path, file_okay=False),
            metavar="OUT",
            help="The folder for the results; made if it is not there.",
        ),
        NumberOption(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            metavar="N",
            help="How many are graded at the same time.  [default: one for each CPU]",
        ),
        click.Option(
            ["--roster"],
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Everybody of the course, as Canvas, Moodle or Gradescope export it.",
        ),
        click.Option(
            ["--lang"],
            metavar="LANGUAGE",
            shell_complete=completing.languages,
            help="Grade only programs in this language.",
        ),
        NumberOption(
            ["--seed"],
            type=SEED,
            metavar="N",
            help="Fixes all random values.  [default: a fresh one, kept in OUT]",
        ),
        click.Option(
            ["--course"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder with course.yaml; found by itself if it is above this one.",
        ),
        isolation_option(),
        format_option(),
        output_option(),
    ],
)


@contextmanager
def _interruptible(batch: Batch) -> Iterator[None]:
    """Ctrl-C, or SIGTERM, lets what runs end and be kept; a second one drops it.

    Dropping is simply ending: what is graded is in the store, and the workers end with us.
    """
    asked = False

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os.write(2, b"\x1b[?25h\n" if os.isatty(2) else b"\n")  # the cursor, if it was hidden
            os._exit(INTERRUPTED)
        asked = True
        batch.stop()
        os.write(2, b"\ngrade: stopping when what runs has ended; Ctrl-C again drops it\n")

    before = {number: signal.signal(number, interrupted) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_inside(out: Path, submissions: Path) -> None:
    """Results among the submissions would be somebody's submission the next time."""
    if out.resolve().is_relative_to(submissions.resolve()):
        raise UsageError(
            "the results would lie among the submissions",
            where=f"--out {out}",
            fix=f"choose a folder that is not in {submissions}",
        )


def _refuse_several(format: str, students: int, out: Path) -> None:
    """Told before everybody is graded and not after it."""
    if format == "gradescope" and students > 1:
        raise UsageError(
            f"a Gradescope result is one student's, and here are {students} submissions",
            where="--format gradescope",
            fix=f"leave it out; then, for each: grade results {shlex.quote(str(out))} "
            "--student ID --format gradescope",
        )


def _refuse_unknown(course: LoadedCourse, language: str | None) -> None:
    known = course.data.languages
    if language is not None and language not in known:
        raise UsageError(
            f"this course has no language {language!r}",
            where="--lang",
            fix=f"choose one of: {', '.join(known)}",
        )


def _say(text: str) -> None:
    sys.stdout.flush()
    click.echo(f"grade: {text}", err=True)
