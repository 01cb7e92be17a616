"""Owns `grade results`: what a batch came to, parts of it, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import format_option, output_option, write_form, write_text
from grader.errors import UsageError
from grader.report.clean import clean_line, shorten
from grader.report.detail import Entry, inert
from grader.report.words import points

if TYPE_CHECKING:
    from grader.batch.store import Result, Store
    from grader.batch.summary import Change, Selection, Summary

_LISTED = 12
"""So many students or checks are named, where the one that is asked for is none of them."""
_CHECKS = 15
"""How many checks are listed; all are in the reports."""
_BAR = 40

_HELP = """\
Show what a batch came to: scores, checks by failure rate, outcomes, the slowest.

OUT is the folder that `grade batch` wrote to. Filters choose submissions, which are then listed;
--student shows the whole reports. --against compares with an earlier batch.

\b
Examples:
  grade results out
  grade results out --check reaped        who does not pass it
  grade results out --student ana         her reports
  grade results out --against last-week   what has changed
"""


def _results(
    *,
    out: Path,
    student: str | None,
    check: str | None,
    outcome: str | None,
    against: Path | None,
    format: str,
    output: Path | None,
) -> int:
    from grader.batch.store import open_store
    from grader.batch.summary import Selection, compare

    chosen = Selection(student=student, check=check, outcome=outcome)
    with open_store(out) as store:
        if against is None:
            write_results(store, format, output, chosen)
            return 0
        if format != "text":
            raise UsageError("two batches are compared as text only", where="--format")
        with open_store(against) as before:
            changes = compare(_chosen(before, chosen), _chosen(store, chosen))
    write_text(_changes(changes), output)
    return 0


def _command() -> click.Command:
    return click.Command(
        name="results",
        callback=_results,
        short_help="Show what a batch came to.",
        help=_HELP,
        params=[
            click.Argument(["out"], type=click.Path(path_type=Path)),
            click.Option(["--student"], metavar="ID", help="Only this student's."),
            click.Option(["--check"], metavar="ID", help="Only those that do not pass this check."),
            click.Option(
                ["--outcome"],
                type=click.Choice(
                    "passed failed deadlock timeout limit build refused error".split()
                ),
                help="Only those that came to this.",
            ),
            click.Option(
                ["--against"],
                type=click.Path(path_type=Path),
                metavar="OLD",
                help="The folder of an earlier batch: only what differs.",
            ),
            format_option(),
            output_option(),
        ],
    )


results_command = _command()


def write_results(
    store: Store, format: str, output: Path | None, chosen: Selection | None = None
) -> None:
    """The results in a form for programs, or as text: a summary, or those that were chosen."""
    from grader.batch.summary import Selection, summary
    from grader.report import terminal

    chosen = chosen or Selection()
    if format != "text":
        entries = [Entry(one.decoded(), one.student) for one in _chosen(store, chosen)]
        if not entries:
            raise UsageError("no result is like that", fix="leave out a filter")
        write_form(format, entries, output)
    elif chosen == Selection():
        write_text(_summary(summary(store.results())), output)
    elif chosen.student is not None:
        reports = [terminal.render(one.decoded(), color=False) for one in _chosen(store, chosen)]
        write_text(inert("\n".join(reports)) or _none(store, chosen), output)
    else:
        lines = [_row(one) for one in _chosen(store, chosen)]
        write_text("".join(lines) or _none(store, chosen), output)


def _none(store: Store, chosen: Selection) -> str:
    """That nothing was found, and a student or a check that is not there at all.

    UsageError: that is why.
    """
    from grader.course.decode import closest

    asked = (("--student", chosen.student, "student"), ("--check", chosen.check, "check"))
    for option, id, noun in asked:
        known = _ids(store, noun)
        if id is not None and id not in known:
            close = closest(id, known)
            some = ", ".join(known[:_LISTED]) + (", …" if len(known) > _LISTED else "")
            fix = f"did you mean `{close}`?" if close else f"{noun}s: {some}"
            raise UsageError(f"there is no {noun} {id!r} in these results", where=option, fix=fix)
    return "no result is like that; without filters all are counted\n"


def _ids(store: Store, noun: str) -> list[str]:
    if noun == "student":
        return [student.id for student in store.students()]
    checks = (check.id for one in store.results() for check in one.decoded().checks)
    return list(dict.fromkeys(checks))


def _chosen(store: Store, chosen: Selection) -> Iterator[Result]:
    return (one for one in store.results() if one in chosen)


def _row(result: Result) -> str:
    from grader.cli.progress import result_line

    return f"{inert(result_line(result))}\n"


def _summary(whole: Summary) -> str:
    """Distribution of scores, checks by failure rate, outcomes, the slowest."""
    lines = [f"{whole.graded} submissions, {whole.full} with full marks"]
    if whole.scores:
        ordered = sorted(whole.scores)
        median = ordered[len(ordered) // 2]
        lines[0] += f", median {median:.0%} of the points"
        lines += ["", "Scores, as a share of the points"]
        most = max(whole.distribution())
        for number, count in enumerate(whole.distribution()):
            bar = "█" * round(count / most * _BAR)
            lines.append(f"  {number * 10:3d}–{number * 10 + 10:3d} %  {count:5d}  {bar}".rstrip())
    lines += ["", "Outcomes"]
    lines += [f"  {outcome:9} {count:5d}" for outcome, count in whole.outcomes.most_common()]
    if failed := whole.by_failure_rate():
        lines += ["", "Checks that fail"]
        for tally in failed[:_CHECKS]:
            name = shorten(clean_line(f"{tally.assignment} {tally.check}: {tally.title}"), 68)
            lines.append(inert(f"  {tally.rate:4.0%}  {name}"))
        if len(failed) > _CHECKS:
            lines.append(f"        … and {len(failed) - _CHECKS} more")
    lines += ["", "Slowest"]
    lines += [
        f"  {seconds:6.1f} s  {clean_line(student)} {assignment}"
        for seconds, student, assignment in whole.slowest
    ]
    return "".join(f"{line}\n" for line in lines)


def _changes(changes: list[Change]) -> str:
    if not changes:
        return "nothing differs\n"
    lines = [f"{len(changes)} submissions differ"]
    for change in changes:
        before, after = _score(change.before), _score(change.after)
        checks = f"  {' '.join(change.checks)}" if change.checks else ""
        lines.append(
            f"  {clean_line(change.student)} {change.assignment}: {before} → {after}{checks}"
        )
    return "".join(f"{line}\n" for line in lines)


def _score(score: float | None) -> str:
    return "none" if score is None else points(score)
