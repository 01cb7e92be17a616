"""Owns the verdict as a student reads it: what went wrong in the runs, then every check
and why, then how to run it again.

It reads without colour (every mark has its word) and at 80 columns. Every text that the student
or the compiler had a say in is cleaned of what could steer a terminal.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from grader.outcome import ActorReport, Finding, Report, ScenarioReport, Status, Verdict
from grader.report import words
from grader.report.clean import clean_line, head_and_tail
from grader.trace.model import Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WIDTH = 80

_MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.SKIPPED: ("–", "yellow"),
    Status.ERROR: ("!", "magenta"),
}
_VERDICTS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.ERROR: "magenta"}
_EVIDENCE = 5
"""How many pieces of evidence are shown; the JSON report has them all."""
_DETAIL_LINES = 12
_BUILD_LINES = 30
_STDOUT_LINES = 6
_STDERR_LINES = 12


def render(report: Report, *, color: bool) -> str:
    """The whole verdict as text that ends in a line feed; color: with ANSI colours."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out,
        width=WIDTH,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},  # the result depends on the arguments alone
    )
    for part in _parts(report):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().removesuffix("\n").split("\n"))


def _parts(report: Report) -> Iterator[RenderableType]:
    yield _header(report)
    built = report.build is None or report.build.ok
    if report.error is not None:
        yield ""
        yield _detail("reason", report.error)
    yield from _build(report)
    if report.verdict is not Verdict.ERROR:
        yield from _scenarios(report)
        yield ""
        for finding in _not_told_twice(report):
            yield _row(finding)
            # After a failed build every check has the same reason, and it stands above.
            yield from _details(finding) if built else ()
    yield ""
    yield from _footer(report)


def _header(report: Report) -> RenderableType:
    from rich.text import Text

    left = clean_line(f"{report.assignment} · {report.language}")
    if report.score is None:
        right = "NOT GRADED"
    else:
        earned = f"{words.points(report.score)} of {words.points(report.max_score)} points"
        right = f"{report.verdict.upper()}  {earned}"
    grid = _grid(left=None, right=len(right))
    grid.add_row(Text(left, style="bold"), Text(right, style=f"bold {_VERDICTS[report.verdict]}"))
    return grid


def _row(finding: Finding) -> RenderableType:
    """One line a check: mark, word, title, points."""
    from rich.text import Text

    mark, color = _MARKS[finding.status]
    earned = f"{words.points(finding.points)} / {words.points(finding.max_points)}"
    grid = _grid(indent=1, mark=1, word=7, title=None, points=9)
    grid.add_row(
        "",
        Text(mark, style=color),
        Text(finding.status, style=color),
        Text(clean_line(finding.title)),
        Text(earned, justify="right"),
    )
    return grid


def _not_told_twice(report: Report) -> Iterator[Finding]:
    """The findings without what a scenario's story, an earlier one or their own message tells.

    Each finding stands alone in the report: its message begins with why the run did not finish.
    Here that would be read once a check. Hints of a skipped check are for when it is its turn.
    """
    stories = [" ".join(scenario.detail.split("\n")) + " " for scenario in report.scenarios]
    hints: set[str | None] = set()
    for finding in report.checks:
        said = finding.message
        for story in stories:
            said = said.removeprefix(story)
        told = finding.status is Status.SKIPPED or finding.hint in hints
        if finding.status is Status.FAILED:
            hints.add(finding.hint)
        yield msgspec.structs.replace(
            finding,
            message=said,
            expected=None if (finding.expected or "") in said else finding.expected,
            seen=None if (finding.seen or "") in said else finding.seen,
            hint=None if told else finding.hint,
        )


def _details(finding: Finding) -> Iterator[RenderableType]:
    """Why a check was not passed, and what to think about."""
    if finding.status is Status.PASSED:
        return
    if finding.message:
        yield _detail("", finding.message)
    for label, text in (("expected", finding.expected), ("seen", finding.seen)):
        if text is not None:
            yield _detail(label, text)
    for index, evidence in enumerate(finding.evidence[:_EVIDENCE]):
        scenario = f"{evidence.scenario}: " if evidence.scenario else ""
        source = f" (at {evidence.source})" if evidence.source else ""
        yield _detail("evidence" if index == 0 else " ", f"{scenario}{evidence.text}{source}")
    if finding.hint:
        yield _detail("hint", finding.hint)


def _build(report: Report) -> Iterator[RenderableType]:
    build = report.build
    if build is None or build.ok:
        return
    yield ""
    yield _heading("The program could not be built")
    yield _detail("command", " ".join(build.command))
    if build.detail:
        yield _detail("reason", build.detail)
    if build.output.strip():
        yield _quoted(build.output, _BUILD_LINES)


def _scenarios(report: Report) -> Iterator[RenderableType]:
    """What the programs did where a check failed; scenarios that went the same way only once."""
    concerned = {
        scenario
        for finding in report.checks
        if finding.status is Status.FAILED
        for scenario in (finding.scenario, *(evidence.scenario for evidence in finding.evidence))
    }
    stories: dict[tuple[str, ...], list[ScenarioReport]] = {}
    for scenario in report.scenarios:
        if scenario.id in concerned or scenario.outcome is not Outcome.FINISHED:
            stories.setdefault(_story_key(scenario), []).append(scenario)
    for alike in stories.values():
        body = list(_scenario_body(alike[0]))
        if body:
            names = ", ".join(scenario.id for scenario in alike)
            yield ""
            yield _heading(f"In {names}: {_ending(alike[0])}")
            yield from body


def _story_key(scenario: ScenarioReport) -> tuple[str, ...]:
    outputs = [(str(actor.exit), actor.stderr) for actor in scenario.actors]
    return (scenario.outcome, scenario.limit or "", scenario.detail, *sum(outputs, ()))


def _ending(scenario: ScenarioReport) -> str:
    match scenario.outcome:
        case Outcome.FINISHED:
            return "what the program said"
        case Outcome.DEADLOCK:
            return "stuck for ever (deadlock)"
        case Outcome.TIMEOUT:
            return f"not finished in time ({words.duration(scenario.wall_ms * 1000)})"
        case Outcome.LIMIT:
            return f"ended by a limit ({scenario.limit})"
        case Outcome.ERROR:
            return "could not be run"


def _scenario_body(scenario: ScenarioReport) -> Iterator[RenderableType]:
    finished = scenario.outcome is Outcome.FINISHED
    if scenario.detail and not finished:
        yield _detail("", scenario.detail)
    for actor in scenario.actors:
        yield from _output(actor, finished=finished)


def _output(actor: ActorReport, *, finished: bool) -> Iterator[RenderableType]:
    if finished and (actor.exit != 0 or actor.stderr.strip()):
        yield _detail(clean_line(actor.name), words.ending(actor.exit))
    # What was printed before it got stuck shows how far it came; a finished program's output is
    # what the checks on it already quote.
    if not finished and actor.stdout.strip():
        yield _detail("stdout", "")
        yield _quoted(actor.stdout, _STDOUT_LINES)
    if actor.stderr.strip():
        yield _detail("stderr", "")
        yield _quoted(actor.stderr, _STDERR_LINES)


def _footer(report: Report) -> Iterator[RenderableType]:
    isolation = f"isolation {report.isolation}" if report.isolation else "no isolation"
    took = words.duration(report.duration_ms * 1000)
    yield _dim(f"seed {report.seed} · {isolation} · grade {report.grader} · {took}")
    if report.verdict is Verdict.FAILED:
        yield _dim(f"The same run again: add --seed {report.seed}")


def _heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text(clean_line(text), style="bold")


def _dim(text: str) -> RenderableType:
    from rich.text import Text

    return Text(clean_line(text), style="dim")


def _detail(label: str, text: str) -> RenderableType:
    """An indented paragraph, its label in a column of its own; without label: all the width."""
    from rich.text import Text

    body = Text(head_and_tail(text, _DETAIL_LINES), overflow="fold")
    if not label:
        grid = _grid(indent=3, text=None)
        grid.add_row("", body)
    else:
        grid = _grid(indent=3, label=8, text=None)
        grid.add_row("", Text(label, style="dim"), body)
    return grid


def _quoted(text: str, lines: int) -> RenderableType:
    """Somebody else's words, marked as such on every line."""
    from rich.text import Text

    grid = _grid(indent=3, bar=1, text=None)
    for line in head_and_tail(text, lines).split("\n"):
        grid.add_row("", Text("│", style="dim"), Text(line, overflow="fold"))
    return grid


def _grid(**widths: int | None) -> Table:
    """Columns one blank apart; the one without width takes the rest of the line."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1), expand=True)
    for width in widths.values():
        grid.add_column(width=width, ratio=1 if width is None else None)
    return grid
