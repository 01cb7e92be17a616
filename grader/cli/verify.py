"""Owns `grade verify`: its arguments, its progress, and what it says in the end."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completing
from grader.cli.output import SEED, NumberOption, isolation_option
from grader.errors import ExitStatus
from grader.report.clean import clean

if TYPE_CHECKING:
    from grader.batch.verify import Held, Verification
    from grader.run.spec import Isolation

_HELP = """\
Hold the course's own programs to what they declare.

Grades the stub, the reference, the variants and the wrong programs of each assignment (of all,
without ID). References and variants must earn full marks, stubs at most a fifth of the points, and
each wrong program must fail exactly the checks that its expect.yaml names. Every check must be
failed by at least one wrong program.

\b
Examples:
  grade verify                    the whole course
  grade verify pipe --repeat 5    one, with five sets of random values

\b
Exit status:
  0  all of it holds
  1  something does not
  2  wrong usage, or a broken course, assignment or expect.yaml
  3  some could not be graded
"""


def _verify(
    *,
    ids: tuple[str, ...],
    repeat: int,
    jobs: int | None,
    seed: int | None,
    course: Path | None,
    isolation: Isolation | None,
) -> int:
    # Imported here: `grade --help` needs none of what reads YAML or talks to the kernel.
    from grader.batch.verify import Verify, lacking, of_course
    from grader.batch.work import local_pool
    from grader.course.load import find_course, load_assignment

    loaded = find_course(course)
    wanted = dict.fromkeys(ids or loaded.data.assignments)
    found = of_course(loaded, [load_assignment(loaded, id) for id in wanted])
    workers = jobs or len(os.sched_getaffinity(0))
    verify = Verify(
        loaded,
        found,
        lambda: local_pool(workers),
        jobs=workers,
        repeat=repeat,
        seed=seed,
        isolation=isolation,
    )
    done = 0

    def tell(held: Held) -> None:
        nonlocal done
        done += 1
        click.echo(f"{done}/{verify.verification.total} {_line(held)}", err=True)

    verification = verify.run(tell)
    return _conclude(verification, list(lacking(loaded, found)), course)


def _line(held: Held) -> str:
    """`pipe/wrong/no-wait: holds, 9.5 of 10`."""
    report = held.report
    score = "no score" if report.score is None else f"{report.score:g} of {report.max_score:g}"
    verdict = "DOES NOT HOLD" if held.faults else "holds"
    return f"{held.sample.name}: {verdict}, {score}, {report.duration_ms / 1000:.1f} s"


def _again(held: Held, course: Path | None) -> str:
    """The command that grades this program so again. course: as it was named."""
    sample = held.sample
    folder = os.path.relpath(sample.folder)
    words = ["grade", sample.assignment.id, folder, "--seed", str(held.report.seed)]
    return shlex.join(words if course is None else [*words, "--course", str(course)])


def _conclude(verification: Verification, lacks: list[str], course: Path | None) -> int:
    """Print what does not hold; the exit status."""
    for held in verification.faulty:
        click.echo(f"{held.sample.name} ({held.report.language}, seed {held.report.seed})")
        for fault in held.faults:
            click.echo("  " + clean(fault).replace("\n", "\n  "))
        click.echo(f"  to see it: {_again(held, course)}")
    complaints = [*lacks, *verification.changing()]
    for complaint in complaints:
        click.echo(complaint)
    wrong = len(verification.faulty)
    if verification.errors:
        click.echo(f"grade: {verification.errors} of {verification.total} could not be graded")
        return ExitStatus.INFRASTRUCTURE
    if wrong or complaints:
        some = (
            f"{wrong} of {verification.total} {'does' if wrong == 1 else 'do'} not hold"
            if wrong
            else "all programs hold"
        )
        more = f", and {len(complaints)} more to mend" if complaints else ""
        click.echo(f"grade: {some}{more}")
        return ExitStatus.NOT_FULL_MARKS
    if not verification.total:
        click.echo("grade: this course has no assignments yet, so nothing was held to anything")
        return ExitStatus.FULL_MARKS
    click.echo(f"grade: all {verification.total} hold")
    return ExitStatus.FULL_MARKS


verify_command = click.Command(
    name="verify",
    callback=_verify,
    short_help="Hold the course's own programs to what they declare.",
    help=_HELP,
    params=[
        click.Argument(["ids"], nargs=-1, metavar="[ID]...", shell_complete=completing.assignments),
        NumberOption(
            ["--repeat"],
            type=click.IntRange(min=1),
            default=1,
            metavar="N",
            help="Grade each so often, with fresh random values; verdicts must not change.",
        ),
        NumberOption(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            metavar="N",
            help="How many are graded at the same time.  [default: one for each CPU]",
        ),
        NumberOption(
            ["--seed"],
            type=SEED,
            metavar="N",
            help="Fixes all random values.  [default: fresh ones]",
        ),
        click.Option(
            ["--course"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder with course.yaml; found by itself if it is above this one.",
        ),
        isolation_option(),
    ],
)
