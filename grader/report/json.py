"""Owns the JSON form of a `Report` and of a `Recording`: one object, always valid JSON in UTF-8."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.outcome import Report
from grader.report.clean import valid
from grader.trace.model import Recording


def render(value: Report | Recording) -> bytes:
    """The object, indented, in UTF-8; a lone surrogate becomes an escape."""
    encoded = msgspec.json.encode(_valid(msgspec.to_builtins(value)))
    return msgspec.json.format(encoded, indent=2) + b"\n"


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
