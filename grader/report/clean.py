"""Owns what makes student-controlled text safe to show: nothing in it steers a terminal.

Control characters (C0, C1, DEL), bidirectional controls, invisible format characters and lone
surrogates become visible escapes, so nothing hides and nothing moves the cursor.
"""

from __future__ import annotations

import re

# Joiners shape letters and emoji and do nothing else; no-break and wide spaces are only spaces.
_HARMLESS = frozenset("\u200c\u200d\u00a0\u2002\u2003\u2007\u2009\u202f\u3000")
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text of several lines: line feeds stay, tabs become spaces, all else unprintable escapes."""
    return "\n".join(clean_line(line.expandtabs(4)) for line in text.split("\n"))


def clean_line(text: str) -> str:
    """Text for one line: line feeds and tabs are escaped too."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _HARMLESS else _escape(char) for char in text
    )


def valid(text: str) -> str:
    """The text with lone surrogates (file names and arguments may hold them) as escapes."""
    return _SURROGATE.sub(lambda match: _escape_surrogate(ord(match[0])), text)


def shorten(text: str, width: int) -> str:
    """At most `width` characters, the cut said by an ellipsis."""
    return text if len(text) <= width else text[: width - 1] + "…"


def head_and_tail(text: str, lines: int, *, width: int = 400) -> str:
    """Clean text of at most so many lines of so many characters; the cut in the middle is said."""
    cleaned = clean(text).removesuffix("\n").split("\n")
    shown = [shorten(line, width) for line in cleaned]
    if len(shown) <= lines:
        return "\n".join(shown)
    head = lines // 2
    tail = lines - head - 1
    cut = len(shown) - head - tail
    return "\n".join([*shown[:head], f"… ({cut} lines left out)", *shown[len(shown) - tail :]])


def _escape_surrogate(code: int) -> str:
    # PEP 383: U+DC80..U+DCFF stand for the undecodable bytes 0x80..0xff.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _escape(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
