"""Owns reading DWARF's numbers and text in order, and the bound on how much is read in all.

Whatever does not fit is a MalformedError: the files are the student's.
"""

from __future__ import annotations

from grader.kernel.elf import MalformedError

_LONGEST_TEXT = 512
"""So many bytes of a string are taken,"""
_LONGEST_SOUGHT = 1 << 16
"""and in so many its end is looked for."""
_BYTES_A_STEP = 4
"""Bytes of text that are a step's work and memory: any number of entries may name one string."""

# DWARF 5 table 7.6: forms of attributes and of file entries
STRING, STRP, LINE_STRP = 0x08, 0x0E, 0x1F


class Steps:
    """How much work may still be done; MalformedError when it is used up."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise MalformedError("too much to read")

    def take_text(self, text: str) -> str:
        """The text, once it is counted."""
        self.take(1 + len(text) // _BYTES_A_STEP)
        return text


class Cursor:
    """Reads numbers and text of one section in order; MalformedError at its end."""

    __slots__ = ("at", "data", "end", "offset_size")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end
        self.offset_size = 4

    def unit(self) -> Cursor:
        """The unit that begins here (its length read: 32-bit or 64-bit form); goes past it."""
        length = self.number(4)
        offset_size = 4
        if length == 0xFFFFFFFF:
            length, offset_size = self.number(8), 8
        inner = Cursor(self.data, self.at, self.at + length)
        inner.offset_size = offset_size
        self.skip(length)
        return inner

    def skip(self, size: int) -> None:
        if size > self.end - self.at:
            raise MalformedError("an entry goes beyond its section")
        self.at += size

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        at = self.at
        self.skip(size)
        return int.from_bytes(self.data[at : self.at], "little")

    def offset(self) -> int:
        return self.number(self.offset_size)

    def uleb(self) -> int:
        """ULEB128 of at most 64 bits."""
        at = self.at
        if at < self.end and (only := self.data[at]) < 0x80:  # nearly all are one byte
            self.at = at + 1
            return only
        value = shift = 0
        while shift < 70:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise MalformedError("a number that is too long")

    def sleb(self) -> int:
        """SLEB128 of at most 64 bits."""
        at = self.at
        value = self.uleb()
        bits = 7 * (self.at - at)
        return value - (1 << bits) if value >> (bits - 1) else value

    def text(self) -> str:
        """A string that ends with NUL."""
        end = self.data.find(b"\0", self.at, min(self.end, self.at + _LONGEST_SOUGHT))
        if end < 0:
            raise MalformedError("a string without end")
        raw = self.data[self.at : min(end, self.at + _LONGEST_TEXT)]
        self.at = end + 1
        return raw.decode("utf-8", "backslashreplace")


def text_at(data: bytes, offset: int, steps: Steps) -> str:
    """A string of a string section."""
    raw = data[offset : offset + _LONGEST_TEXT].partition(b"\0")[0]
    return steps.take_text(raw.decode("utf-8", "backslashreplace"))
