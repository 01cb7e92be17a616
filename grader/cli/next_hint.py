"""Owns the hint that comes next, as it is told: one at a time, then all again with what else
helps."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.cli.output import naming, write_text
from grader.cli.remember import put_down
from grader.course.load import find_course
from grader.course.model import LoadedCourse
from grader.course.outline import CheckOutline, Outline, load_outline
from grader.errors import UsageError
from grader.report.clean import clean_line
from grader.run.submission import existing
from grader.student.files import typed
from grader.student.hints import Hint, failed_checks, hinted, hints_for, with_given
from grader.student.progress import Entry, folder_of, load
from grader.student.standing import Standing, State, grading, standing

WIDTH = 80


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says, as `grade hint --help` explains it."""

    id: str
    submission: Path | None = None
    check: str | None = None
    course: Path | None = None

    def command(self, verb: str, *, check: str | None = None) -> str:
        """`grade hint pipe …` for the same work; check: for this one."""
        place = [str(self.submission)] if self.submission is not None else []
        about = ["--check", check] if check else []
        words = ["grade", *verb.split(), self.id, *place, *about]
        return shlex.join(words) + naming(self.course)


class _Work(msgspec.Struct, frozen=True):
    """What a hint is about. again: what to type to grade it again."""

    course: LoadedCourse
    outline: Outline
    folder: Path
    entry: Entry
    again: str


def give(asked: Asked) -> int:
    """Tell the next hint and remember that it was given; the exit status.

    UsageError: nothing was graded yet, the progress file can't be used, or no such check failed.
    """
    work = _work(asked)
    last = work.entry.last
    if last.passed:
        _tell([f"{asked.id} had full marks when it was graded last: no hint is needed."])
    elif not last.built:
        _tell([f"{asked.id} could not be built; the compiler says where:", f"  {work.again}"])
    elif (about := _about(asked, work)) is None:
        _tell([f"No hint is written for what failed in {asked.id}.", "", *_else(asked, work)])
    else:
        _give(asked, work, about)
    return 0


def _work(asked: Asked) -> _Work:
    course = find_course(asked.course)
    outline = load_outline(course, asked.id)
    cwd = Path.cwd()
    found = _found(course, outline, asked.submission, cwd)
    if asked.submission is not None:
        again = asked.command("")
    else:
        language = found.entry.last.language if found.entry else None
        again = grading(course, outline, found.folder, cwd, language=language)
        again += naming(asked.course)
    if found.entry is None:
        begin = f"begin with: grade start {asked.id}{naming(asked.course)}"
        raise UsageError(
            f"{asked.id!r} has not been graded yet, so there is nothing to give a hint for",
            fix=begin if found.state is State.UNTOUCHED else again,
        )
    return _Work(course, outline, found.folder, found.entry, clean_line(again))


def _found(course: LoadedCourse, outline: Outline, given: Path | None, cwd: Path) -> Standing:
    """Where the student is with the assignment, here or at the place that was given."""
    if given is None:
        return standing(course, outline, cwd)
    folder = folder_of(existing(given, cwd))
    entry = load(folder).assignments.get(outline.id)
    return Standing(outline.id, State.IN_PROGRESS, folder, outline, entry)


def _about(asked: Asked, work: _Work) -> CheckOutline | None:
    """The check that was asked for, or else the first failed one that has any hints."""
    failed = failed_checks(work.outline, work.entry)
    with_hints = {check.id: check for check in failed if hints_for(check, work.entry)}
    if asked.check is None:
        return next(iter(with_hints.values()), None)
    if asked.check in with_hints:
        return with_hints[asked.check]
    names = ", ".join(with_hints) or "none"
    if any(check.id == asked.check for check in failed):
        raise UsageError(
            f"no hint is written for the check {asked.check!r}",
            where="--check",
            fix=f"of those that failed, these have hints: {names}",
        )
    raise UsageError(
        f"the check {asked.check!r} is none of those that failed when it was graded last",
        where="--check",
        fix=f"failed, with hints: {names}; to have it graded again: {work.again}",
    )


def _give(asked: Asked, work: _Work, about: CheckOutline) -> None:
    hints = hints_for(about, work.entry)
    new = [hint for hint in hints if not hint.given]
    lines = [*textwrap.wrap(f"{asked.id} · {clean_line(about.title)}", WIDTH), ""]
    for hint in new[:1] or hints:
        lines += _worded(hint, len(about.hints))
    lines.append("")
    if not new:
        others = [check.id for check in hinted(work.outline, work.entry)]
        lines += [
            "There is no further hint for this check.",
            *_others(asked, others),
            *_else(asked, work),
        ]
    elif len(new) > 1:
        lines.append(f"{len(new) - 1} more: {asked.command('hint', check=asked.check)}")
    else:
        lines.append("This was the last one.")
    _tell(lines)
    if new:
        put_down(work.folder, with_given(load(work.folder), asked.id, new[0]))


def _worded(hint: Hint, number: int) -> Iterator[str]:
    """One hint, in lines; number: how many the course has for its check."""
    yield f"  Hint {hint.number} of {number}" if hint.number else "  From the last run"
    for paragraph in hint.text.split("\n"):
        yield from textwrap.wrap(
            clean_line(" ".join(paragraph.split())),
            WIDTH,
            initial_indent="    ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def _others(asked: Asked, checks: Sequence[str]) -> Iterator[str]:
    """Other checks that failed and have hints left."""
    if checks:
        yield "For other checks that failed:"
    for id in checks:
        yield f"  {asked.command('hint', check=id)}"


def _else(asked: Asked, work: _Work) -> Iterator[str]:
    """What helps besides hints."""
    rows = [
        (f"{work.again} -v", "what was expected, and all that happened"),
        _tracing(work),
        (f"grade show {asked.id}{naming(asked.course)}", "the task, and what to read about it"),
    ]
    columns = max(len(command) for command, _ in rows)
    yield "What else helps:"
    for command, gives in rows:
        yield f"  {command:<{columns}}  {gives}"


def _tracing(work: _Work) -> tuple[str, str]:
    """How to watch the first program, and what that gives."""
    language = work.course.data.languages.get(work.entry.last.language)
    if language is None:
        return "grade trace -- COMMAND", "every call of your program"
    program = typed(work.folder / work.outline.programs[0], Path.cwd())
    names = {
        "{python}": "python3",
        "{source}": f"{program}{language.suffix}",
        "{program}": program if "/" in program else f"./{program}",
    }
    words = language.run
    for placeholder, name in names.items():
        words = [word.replace(placeholder, name) for word in words]
    built = " (build it first)" if language.build else ""
    return clean_line(f"grade trace -- {shlex.join(words)}"), f"every call of your program{built}"


def _tell(lines: Sequence[str]) -> None:
    write_text("".join(f"{line}\n" for line in lines), None)
