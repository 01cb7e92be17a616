"""Owns the JSON form of a `Report` and of a `Recording`: one object, always valid JSON in UTF-8, in
which nothing steers the terminal or the CI log that it may be printed to."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from grader.outcome import Report
from grader.report.clean import valid
from grader.trace.model import Recording

_STEERING = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"  # C1 and bidirectional controls
    r"|(?<=#)#(?=\[|vso\[)"  # workflow commands, obeyed anywhere in a line: see `detail`
)


def render(value: Report | Recording) -> bytes:
    """The object, indented, in UTF-8; a lone surrogate becomes an escape."""
    encoded = msgspec.json.encode(_valid(msgspec.to_builtins(value)))
    return indented(encoded)


def indented(encoded: bytes) -> bytes:
    """JSON for files and for stdout: the same value, what steers as escapes of JSON's own."""
    text = msgspec.json.format(encoded, indent=2).decode()
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode() + b"\n"


def _valid(value: Any) -> Any:
    match value:
        case str():
            return valid(value)
        case list():
            return [_valid(item) for item in value]
        case dict():
            return {valid(key): _valid(item) for key, item in value.items()}
        case _:
            return value
