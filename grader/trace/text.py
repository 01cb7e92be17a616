"""Owns the one reversible way in which a tracee's bytes become text, and the words for what else a
call said."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(\\))")


def escape(data: bytes) -> str:
    """Bytes as valid Unicode: UTF-8 where it is, `\\xNN` where it is not, backslash doubled.

    Control characters stay (JSON escapes them); what is shown on a terminal goes through
    the report's own cleaning. `unescape` gives the bytes back.
    """
    return data.replace(b"\\", b"\\\\").decode("utf-8", errors="backslashreplace")


def unescape(text: str) -> bytes:
    """The bytes that `escape` was given."""
    out = bytearray()
    position = 0
    for match in _ESCAPE.finditer(text):
        out += text[position : match.start()].encode()
        out += b"\\" if match[2] else bytes([int(match[1], 16)])
        position = match.end()
    out += text[position:].encode()
    return bytes(out)


def readable(text: str) -> str:
    """Escaped text as people read it: valid Unicode, `\\xNN` for what is no UTF-8."""
    return unescape(text).decode("utf-8", errors="backslashreplace")


def argument(name: str, value: object) -> str:
    """One of an event's `args` for people: the commonest in words, all others as `name=value`."""
    match name, value:
        case "end", str():
            return f"{value} end"
        case "left", []:
            return "open nowhere else"
        case "left", Sequence():
            return f"still open in {', '.join(map(str, value))}"
        case "signal", str():
            return value
        case _, list():
            return f"{name}={','.join(map(str, value))}"
        case _:
            return f"{name}={value}"
