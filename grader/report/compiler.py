"""Owns the shortening of a compiler's words to what a student has to mend: the errors, each with
its line, without the warnings and notes around them. Reads the form of gcc, clang and GNU ld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from grader.report import words
from grader.report.detail import WORK

MOST = 4
"""How many errors are shown: later ones often follow from the first."""

_HARMLESS = ("[-Wunused-parameter]", "[-Wunused-variable]", "[-Wunused-function]")

_DIAGNOSTIC = re.compile(r"^[^\s:][^:\n]*:\d+:(?:\d+:)? (fatal error|error|warning|note): ")
_CONTEXT = re.compile(
    r"^(?:In file included from |[^\s:][^:\n]*: (?:In|At) )|^\d+ (?:warning|error)"
)
_EXCERPT = re.compile(r"^ +(?:\d+ )?\|")
_LINKER = re.compile(r"undefined reference to|multiple definition of")
_PREFIX = re.compile(r"^(?:\S*/)?ld: ")


class _Diagnostic(msgspec.Struct):
    """kind: error, warning, note. lines: its own and the excerpt below it."""

    kind: str
    lines: list[str]


def errors(output: str) -> str:
    """The first errors with the lines they are about, and how much was left out; the whole output
    where it is in no form that is known."""
    output = output.replace(WORK, "")
    found = [one for one in _diagnostics(output) if one.kind == "error"] or list(_linker(output))
    if not found:
        return output
    shown = [line for one in found[:MOST] for line in one.lines]
    if rest := _left_out(output, len(found) - MOST):
        shown.append(f"({rest} left out)")
    return "\n".join(shown)


def warnings(output: str) -> str:
    """The first warnings that may have to do with a failure, each in one line; empty without."""
    diagnostics = _diagnostics(output.replace(WORK, ""))
    lines = [one.lines[0] for one in diagnostics if one.kind == "warning"]
    found = [line for line in lines if not line.endswith(_HARMLESS)]
    shown = found[:MOST]
    if len(found) > MOST:
        shown.append(f"({words.count(len(found) - MOST, 'warning')} left out)")
    return "\n".join(shown)


def _diagnostics(output: str) -> Iterator[_Diagnostic]:
    current: _Diagnostic | None = None
    for line in output.split("\n"):
        if start := _DIAGNOSTIC.match(line):
            if current is not None:
                yield current
            current = _Diagnostic(start[1].removeprefix("fatal "), [line])
        elif _CONTEXT.match(line):
            if current is not None:
                yield current
            current = None
        # The line itself and the mark below it; what gcc proposes instead comes after them.
        elif current is not None and _EXCERPT.match(line) and len(current.lines) < 3:
            current.lines.append(line)
    if current is not None:
        yield current


def _linker(output: str) -> Iterator[_Diagnostic]:
    for line in output.split("\n"):
        if _LINKER.search(line):
            yield _Diagnostic("error", [_PREFIX.sub("", line)])


def _left_out(output: str, errors: int) -> str:
    told = sum(one.kind == "warning" for one in _diagnostics(output))
    parts = [words.count(errors, "more error")] if errors > 0 else []
    parts += [words.count(told, "warning")] if told else []
    return " and ".join(parts)
