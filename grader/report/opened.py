"""Owns the list of checks in the verdict on a terminal: one line each, those that failed opened:
what was expected, what was observed, what to think about, how to run it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from grader.outcome import Evidence, Finding, Report, Status
from grader.report import words
from grader.report.clean import clean_line
from grader.report.layout import Part, Row, Verbatim, command, detail, events, grid

_MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.SKIPPED: ("–", "yellow"),
    Status.ERROR: ("!", "magenta"),
}
_EVIDENCE = 5
"""How many pieces of evidence are shown; the JSON report has them all."""

_LAST_WORDS = re.compile(r' ?\S+ ended with [^;."]+; its last line on stderr is "[^\n]*?"\.')
_WITHOUT_OBJECT = ("process", "signal", "time")
"""Families whose events name no object, so that what they say comes in the last column."""
_EVENT = re.compile(r"^[\w.*-]+$")


class Again(msgspec.Struct, frozen=True):
    """How the submission is graded again, as words of a command line without seed; folder: where
    its programs lie, as the user names it.

    hint: the command that gives the next hint, if there is one; then of these hints, by check, a
    verdict shows the first one only.
    """

    command: tuple[str, ...]
    folder: str = "."
    hint: tuple[str, ...] = ()
    hints: Mapping[str, Sequence[str]] = {}

    def first(self, finding: Finding) -> tuple[str, int]:
        """What of the finding's hint is shown, and how many hints there are."""
        hints = self.hints.get(finding.id, ()) if self.hint else ()
        if len(hints) > 1 and finding.hint == "\n".join(hints):
            return hints[0], len(hints)
        return finding.hint or "", 1

    def words(self, seed: int, *, only: str | None = None) -> list[str]:
        """The command for a shell, in pieces that belong together."""
        check = [] if only is None else [f"--only {only}"]
        return [*map(shlex.quote, self.command), *check, f"--seed {seed}"]


def rows(findings: Sequence[Finding]) -> Iterator[Part]:
    """Every check in one line, none opened."""
    for finding in findings:
        yield _row(finding)


def opened(
    report: Report,
    findings: Sequence[Finding],
    again: Again,
    *,
    told: Collection[str],
    width: int,
) -> Iterator[Part]:
    """Every check in one line, with details where it did not pass. findings: the report's, as
    their reader may see them. told: the scenarios whose story stands above."""
    commands = {scenario.id: tuple(scenario.by_hand) for scenario in report.scenarios}
    shown = {commands.get(id, ()) for id in told} | {()}
    for finding in _not_told_twice(report, findings, told):
        yield _row(finding)
        yield from _details(finding, again)
        if finding.status is not Status.FAILED or finding.hidden:
            continue
        by_hand = commands.get(finding.scenario or "", ())
        if by_hand not in shown:
            shown.add(by_hand)
            yield Verbatim("by hand", by_hand)
        yield command("again", again.words(report.seed, only=finding.id), width=width)


def _row(finding: Finding) -> Part:
    """One line a check: mark, word, title, points."""
    from rich.text import Text

    mark, color = _MARKS[finding.status]
    earned = f"{words.points(finding.points)} / {words.points(finding.max_points)}"
    table = grid(indent=1, mark=1, word=7, title=None, points=max(9, len(earned)))
    table.add_row(
        "",
        Text(mark, style=color),
        Text(finding.status, style=color),
        Text(clean_line(finding.title)),
        Text(earned, justify="right"),
    )
    return table


def _not_told_twice(
    report: Report, findings: Sequence[Finding], told: Collection[str]
) -> Iterator[Finding]:
    """The findings without what a scenario's story, an earlier one or their own message tells.

    Each finding stands alone in the report: its message begins with why the run did not finish.
    Here that would be read once a check. Hints of a skipped check are for when it is its turn.
    """
    stories = [" ".join(scenario.detail.split("\n")) + " " for scenario in report.scenarios]
    hints: set[str | None] = set()
    for finding in findings:
        said = finding.message
        for story in stories:
            said = said.removeprefix(story)
        if finding.scenario in told:
            said = _LAST_WORDS.sub("", said).strip()
        repeated = finding.status is Status.SKIPPED or finding.hint in hints
        if finding.status is Status.FAILED:
            hints.add(finding.hint)
        yield msgspec.structs.replace(
            finding,
            message=said,
            expected=None if (finding.expected or "") in said else finding.expected,
            seen=None if (finding.seen or "") in said else finding.seen,
            hint=None if repeated else finding.hint,
        )


def _details(finding: Finding, again: Again) -> Iterator[Part]:
    """Why a check was not passed, and what to think about."""
    if finding.status is Status.PASSED:
        return
    if finding.message:
        skipped = finding.status is Status.SKIPPED
        where = f"In {finding.scenario}: " if finding.scenario and not skipped else ""
        yield detail("", f"{where}{finding.message}")
    for label, text in (("expected", finding.expected), ("observed", finding.seen)):
        if text is not None:
            yield detail(label, text)
    if evidence := finding.evidence[:_EVIDENCE]:
        yield events([_evidence_row(one) for one in evidence], label="evidence")
    if finding.hint:
        hint, of = again.first(finding)
        yield detail("hint" if of == 1 else f"hint 1/{of}", hint)


def _evidence_row(evidence: Evidence) -> Row:
    """The cells of an event in words (`check.evidence.render`); other words take one cell."""
    process, *cells = evidence.text.split("  ", 2)
    if not cells or not _EVENT.match(process):
        return ("", "", "", "", evidence.text)
    place = str(evidence.source) if evidence.source is not None else ""
    event, rest = (*cells, "")[:2]
    object = ""
    if event.partition(".")[0] not in _WITHOUT_OBJECT:
        object, _, rest = rest.partition("  ")
    return (process, place, event, object, rest)
