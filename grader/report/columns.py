"""Owns how wide text is on a terminal, for tables of plain text."""

from __future__ import annotations

import unicodedata

_NO_COLUMN = ("Mn", "Me", "Cf")


def width(text: str) -> int:
    """Columns that the text takes: wide characters two, combining ones none."""
    return sum(_columns(char) for char in text)


def fit(text: str, columns: int) -> str:
    """The text in exactly so many columns: filled up with blanks, or cut with an ellipsis."""
    missing = columns - width(text)
    if missing >= 0:
        return text + " " * missing
    kept = ""
    for char in text:
        if width(kept) + _columns(char) >= columns:
            break
        kept += char
    return fit(kept + "…", columns)


def _columns(char: str) -> int:
    if unicodedata.category(char) in _NO_COLUMN:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
