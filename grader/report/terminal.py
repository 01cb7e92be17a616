"""Owns the verdict as a student reads it: what went wrong in the runs, then every check
and why, then how to run it again.

It reads without colour (every mark has its word) and at 80 columns. Every text that the student
or the compiler had a say in is cleaned of what could steer a terminal. Of hidden checks it says
nothing but whether they passed, or nothing at all (`Report.show_hidden`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from grader.outcome import Report, Status, Verdict
from grader.report import brief, opened, runs, words
from grader.report.clean import clean_line
from grader.report.columns import width as width_of
from grader.report.detail import WORK, points_not_shown, shown
from grader.report.interpreter import of_its_end
from grader.report.layout import WIDTH, Part, command, cropped, detail, dim, drawn, grid, heading
from grader.report.opened import Again
from grader.report.story import summary
from grader.report.telling import Teller
from grader.trace.model import Recording

_VERDICTS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.ERROR: "magenta"}
_STORY = 80
"""How many lines one scenario's story has at most."""
_OBJECT = 16
"""How many columns its names of objects are given at most."""


def render(report: Report, *, color: bool, width: int = WIDTH, again: Again | None = None) -> str:
    """The whole verdict as text that ends in a line feed; color: with ANSI colours. again: how
    the same submission is graded again."""
    repeat = again or Again(("grade", report.assignment))
    return drawn(_parts(report, repeat, width), color=color, width=width)


def story(
    report: Report, recordings: Mapping[str, Recording], *, color: bool, width: int = WIDTH
) -> str:
    """What happened in each scenario, event by event, as text that ends in a line feed."""
    parts = [
        part
        for scenario in report.scenarios
        if not scenario.hidden and scenario.id in recordings
        for part in _told(scenario.id, recordings[scenario.id], color=color)
    ]
    return drawn(parts, color=color, width=width) if parts else ""


def _told(id: str, recording: Recording, *, color: bool) -> Iterator[Part]:
    from rich.text import Text

    lines: list[str] = []
    places = any(event.source is not None for event in recording.events)
    own = of_its_end(recording)
    events = [event for event in recording.events if not event.runtime and event.seq not in own]
    longest = max((width_of(clean_line(event.object or "")) for event in events), default=0)
    teller = Teller(lines.append, color=color, places=places, objects=min(longest, _OBJECT))
    for event in events:
        teller.tell(event)
    teller.finish()
    yield heading(f"What happened in {id}")
    rest = len(lines) - _STORY
    if rest > 0:
        between = f"… ({words.count(rest, 'line')} left out)\n"
        lines = [*lines[: _STORY // 2], between, *lines[-_STORY // 2 :]]
    for line in [*lines, *summary(recording).splitlines(keepends=True)]:
        yield cropped(Text.from_ansi(line.rstrip("\n").replace(WORK, "")))
    yield ""


def _parts(report: Report, again: Again, width: int) -> Iterator[Part]:
    findings = shown(report)
    yield _header(report)
    if report.error is not None:
        yield ""
        yield detail("reason", report.error)
    if report.build is not None and not report.build.ok:
        yield from runs.failed_build(report, width=width)
        if report.verdict is not Verdict.ERROR:
            yield detail("", f"Until then {_none_judged(len(findings))}.")
    elif report.verdict is not Verdict.ERROR:
        stories = runs.stories(report)
        if report.verdict is Verdict.FAILED:
            yield from runs.compiler_warnings(report)
        yield from runs.told(stories)
        yield ""
        told = {scenario.id for story in stories for scenario in story.scenarios}
        yield from opened.opened(report, findings, again, told=told, width=width)
        if rest := points_not_shown(report):
            yield ""
            yield dim(f"{words.points(report.max_score)} points, {rest}")
    yield ""
    yield from _footer(report, again, width)


def _none_judged(number: int) -> str:
    return "the check can't be judged" if number == 1 else f"none of the {number} checks is judged"


def _header(report: Report) -> Part:
    from rich.text import Text

    left = clean_line(f"{report.assignment} · {report.language}")
    if report.score is None:
        right = "NOT GRADED"
    else:
        earned = f"{words.points(report.score)} of {words.points(report.max_score)} points"
        right = f"{report.verdict.upper()}  {earned}{' (partial)' if report.partial else ''}"
    table = grid(left=None, right=len(right))
    table.add_row(Text(left, style="bold"), Text(right, style=f"bold {_VERDICTS[report.verdict]}"))
    return table


def _footer(report: Report, again: Again, width: int) -> Iterator[Part]:
    failed = report.verdict is Verdict.FAILED
    built = report.build is None or report.build.ok
    seen = any(finding.status is Status.FAILED and not finding.hidden for finding in report.checks)
    if seen and built and any(scenario.by_hand for scenario in report.scenarios):
        folder = "this folder" if again.folder == "." else clean_line(again.folder)
        commands = report.build.commands if report.build is not None else []
        yield dim(f"by hand: in {folder}" + (", built by" if commands else ""))
        for build in commands:
            yield command("", list(map(shlex.quote, build)), width=width)
    if built and any(
        again.first(one)[1] > 1
        for one in report.checks
        if one.status is Status.FAILED and not one.hidden
    ):
        yield dim("the next hint:")
        yield command("", list(map(shlex.quote, again.hint)), width=width)
    if report.partial:
        yield dim("Only a part was graded, so this is no score. To grade all of it:")
    elif failed and built:
        yield dim("the same run again:")
    if report.partial or (failed and built):
        yield command("", again.words(report.seed), width=width)
    isolation = f"isolation {report.isolation}" if report.isolation else "no isolation"
    took = words.duration(report.duration_ms * 1000)
    yield dim(f"seed {report.seed} · {isolation} · grade {report.grader} · {took}")
    if failed and built:
        yield _closing(report)


def _closing(report: Report) -> Part:
    """The verdict once more: of a long one the end is what is seen on a screen."""
    from rich.text import Text

    return Text(brief.line(report), style="bold", overflow="fold")
