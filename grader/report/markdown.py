"""Owns the Markdown form (GitHub's dialect): for a step summary, a comment, a page.

Titles and numbers are escaped character by character; everything that a student had a say in stands
in fenced blocks whose fence is longer than any in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.outcome import Finding, Status
from grader.report.clean import clean_line
from grader.report.detail import (
    Entry,
    build_text,
    finding_text,
    inert,
    scenario_text,
    score_line,
    seed_line,
    shown,
)

LIMIT = 1_000_000
"""Bytes; GitHub takes a step summary of at most 1 MiB."""

_MARKS = {
    Status.PASSED: "✅ passed",
    Status.FAILED: "❌ failed",
    Status.SKIPPED: "➖ skipped",
    Status.ERROR: "⚠️ error",
}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_FENCE = re.compile(r"`{3,}")


def render(entries: Sequence[Entry], *, limit: int = LIMIT) -> str:
    """A section a submission; beyond `limit` bytes they are left out whole, and that is said."""
    parts = [_overview(entries)] if len(entries) > 1 else []
    left = limit - 200 - sum(len(part.encode()) for part in parts)
    for number, entry in enumerate(entries):
        section = _section(entry)
        left -= len(section.encode())
        if left < 0:
            parts.append(f"\n… {len(entries) - number} more submissions are left out here.\n")
            break
        parts.append(section)
    return "\n".join(parts)


def escape(text: str) -> str:
    """Text of one line that Markdown shows as it is: no markup, no link, no mention."""
    escaped = _PUNCTUATION.sub(r"\\\1", inert(clean_line(text)))
    return escaped.replace("\\@", "\\@<!-- -->")  # a mention needs its name right behind it


def fenced(text: str) -> str:
    """Clean lines as a block of code."""
    longest = max((len(found) for found in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _overview(entries: Sequence[Entry]) -> str:
    rows = ["| submission | verdict | points |", "|---|---|---|"]
    for entry in entries:
        report = entry.report
        rows.append(f"| {escape(entry.name)} | {report.verdict} | {score_line(report)} |")
    return "\n".join(rows)[: LIMIT // 4].rpartition("\n")[0] + "\n"


def _section(entry: Entry) -> str:
    report = entry.report
    lines = [f"## {escape(entry.name)}: {score_line(report)}", ""]
    if report.error is not None:
        lines += ["The grader could not do its work, so there is no score.", ""]
        lines += [fenced(inert(clean_line(report.error))), ""]
    if said := build_text(report):
        lines += ["The program could not be built.", "", fenced(said), ""]
    elif said := scenario_text(report):
        lines += [fenced(said), ""]
    checks = shown(report)
    lines += ["| | check | points |", "|---|---|---|", *(_row(check) for check in checks), ""]
    if not build_text(report):
        lines += [line for check in checks for line in _why(check)]
    lines += [f"<sub>{escape(seed_line(report))}</sub>", ""]
    return "\n".join(lines)


def _row(check: Finding) -> str:
    earned = f"{check.points:g} / {check.max_points:g}"
    return f"| {_MARKS[check.status]} | {escape(check.title)} | {earned} |"


def _why(check: Finding) -> list[str]:
    text = finding_text(check)
    if not text:
        return []
    return [
        f"<details><summary>{_MARKS[check.status]}: {_html(check.title)}</summary>",
        "",
        fenced(text),
        "",
        "</details>",
        "",
    ]


def _html(text: str) -> str:
    """In a line of HTML neither backslashes nor Markdown have a meaning."""
    escaped = clean_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@<!-- -->")
