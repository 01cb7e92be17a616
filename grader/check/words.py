"""Owns how the messages of checks put numbers, lists and a program's own bytes into words."""

from __future__ import annotations

from collections.abc import Sequence

_QUOTED = 40
"""How many characters of a program's own text one quotation shows."""


def number(value: int) -> str:
    """65536 as "65,536"."""
    return f"{value:,}"


def counted(value: int, noun: str) -> str:
    """ "1 byte", "65,536 bytes"; the plural is made with s or es."""
    if value == 1:
        return f"1 {noun}"
    return f"{number(value)} {noun}{'es' if noun.endswith('s') else 's'}"


def times(count: int) -> str:
    """ "never", "once", "3 times"."""
    return {0: "never", 1: "once"}.get(count, f"{number(count)} times")


def listed(items: Sequence[str], conjunction: str = "and", *, most: int = 6) -> str:
    """ "a", "a and b", "a, b and c"; of a long list the first `most` and how many more."""
    shown = list(items)
    if len(shown) > most:
        shown = [*shown[:most], f"{number(len(items) - most)} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {conjunction} {shown[-1]}"


def readable(data: bytes) -> str:
    """Bytes as one line: UTF-8 where it is, everything that does not print is escaped."""
    text = data.decode("utf-8", errors="backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def quoted(data: bytes, *, start: int = 0) -> str:
    """Bytes in quotation marks, from byte `start`, with "…" where something is left out."""
    piece = data[start : start + 4 * _QUOTED]
    text = readable(piece)
    before = "…" if start > 0 else ""
    cut = len(text) > _QUOTED or start + len(piece) < len(data)
    return f'"{before}{text[:_QUOTED]}{"…" if cut else ""}"'


def who(by: str) -> str:
    """The `by` of a condition: "main", "a child of main", "any process"."""
    if by == "*":
        return "any process"
    if by.endswith(".**"):
        return f"{by[:-3]} or a descendant"
    if by.endswith(".*"):
        return f"a child of {by[:-2]}"
    return by


def nobody(by: str) -> str:
    """Who did not do it, before a verb in the past: "main never", "no child of main"."""
    if by == "*":
        return "no process"
    if by.endswith(".*"):
        return f"no child of {by[:-2]}"
    return f"{by} never"
