"""Owns the sentence that says how a text differs from the expected one, long texts included."""

from __future__ import annotations

import msgspec

from grader.check.words import counted, number, quoted

_SHORT = 40
_CONTEXT = 12
"""How many right bytes are shown before the first wrong one."""


class Seen(msgspec.Struct, frozen=True):
    """What was observed of a text. data: what was kept of it; cut: bytes taken out of its
    middle."""

    data: bytes
    cut: int = 0

    @property
    def size(self) -> int:
        return len(self.data) + self.cut

    def equals(self, expected: bytes) -> bool:
        """Whether all that was kept agrees and the size is right."""
        if not self.cut:
            return self.data == expected
        if self.size != len(expected):
            return False
        return _right(expected, self.data) + _right_at_end(expected, self.data) >= len(self.data)


def difference(expected: bytes, seen: Seen) -> str:
    """Where and how they part, as the rest of a sentence; both sizes are in bytes."""
    data = seen.data
    if not data:
        return f"nothing was seen where {_whole(expected)} was expected"
    if not expected:
        return f"{_whole(data, seen.size)} was seen where nothing was expected"
    if not seen.cut and data + b"\n" == expected:
        return "all is right but the newline at the end is missing"
    if not seen.cut and data == expected + b"\n":
        return "all is right but there is one newline too many at the end"
    right = _right(expected, data)
    sizes = f"{counted(len(expected), 'byte')} expected, {number(seen.size)} seen"
    # The newline of a line that was cut short is no difference of its own.
    if not seen.cut and right >= len(data) - data.endswith(b"\n"):
        return f"{_beginning(right)}, then the text ends: {sizes}"
    if right == len(expected):
        rest = quoted(data, start=right)
        return f"{_beginning(right)}, then there is more ({rest}): {sizes}"
    if max(len(expected), seen.size) <= _SHORT and b"\n" not in expected[:-1] + data[:-1]:
        return f"{quoted(expected)} was expected, {quoted(data)} was seen"
    start = _context(expected, right)
    return (
        f"they part at byte {number(right + 1)} (line {number(_line_number(expected, right))}): "
        f"{quoted(_line(expected, start), start=0)} was expected there, "
        f"{quoted(_line(data, start), start=0)} was seen; {sizes}"
    )


class Comparison(msgspec.Struct, frozen=True):
    """How an observed text is wrong, as the end of a sentence; expected and seen: the places that
    show it, one below the other."""

    how: str
    expected: str
    seen: str


def compared(expected: bytes, seen: Seen) -> Comparison:
    """The same as `difference`, for a finding: what its other fields show is not told as well."""
    data = seen.data
    how = f"is not as expected: {difference(expected, seen)}"
    whole = abridged(expected), abridged(data, seen.size)
    if not seen.size:
        return Comparison("is empty", *whole)
    if not expected:
        return Comparison("is not empty", *whole)
    right = _right(expected, data)
    if "they part" not in how:
        short = "was expected" in how
        return Comparison("is not as expected" if short else how, *whole)
    if right == 0:
        return Comparison("is not as expected, from its first byte on", *whole)
    start = _context(expected, right)
    ends = start + len(_line(expected, start)), start + len(_line(data, start))
    return Comparison(
        f"is right up to byte {number(right)}, in line {number(_line_number(expected, right))}: "
        f"{counted(len(expected), 'byte')} expected, {number(seen.size)} seen",
        quoted(expected[: ends[0]], start=start),
        quoted(data[: ends[1]], start=start),
    )


def _line_number(text: bytes, position: int) -> int:
    return text[:position].count(b"\n") + 1


def _context(expected: bytes, right: int) -> int:
    """Where to begin to show a difference behind so many right bytes: in the same line."""
    line_start = expected.rfind(b"\n", 0, right) + 1
    return max(line_start, _whole_character(expected, right - _CONTEXT))


def abridged(data: bytes, size: int | None = None) -> str:
    """A text for the `expected` and `seen` of a finding: short ones whole, others by size."""
    return _whole(data, size) if data else "nothing"


def _whole(data: bytes, size: int | None = None) -> str:
    size = len(data) if size is None else size
    text = quoted(data)
    return text if size <= _SHORT else f"{text} ({counted(size, 'byte')})"


def _beginning(right: int) -> str:
    return "the first byte is right" if right == 1 else f"the first {number(right)} bytes are right"


def _line(data: bytes, start: int) -> bytes:
    """From `start` to the end of that line, its newline included: it may be what differs."""
    end = data.find(b"\n", start)
    return data[start:] if end < 0 else data[start : end + 1]


def _right(expected: bytes, seen: bytes) -> int:
    """Length of the common beginning, found by halving: texts may hold megabytes."""
    low, high = 0, min(len(expected), len(seen))
    while low < high:
        middle = (low + high + 1) // 2
        if expected[low:middle] == seen[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _right_at_end(expected: bytes, seen: bytes) -> int:
    return _right(expected[::-1], seen[::-1])


def _whole_character(data: bytes, position: int) -> int:
    """The nearest position at or before this one where a UTF-8 character begins."""
    position = max(position, 0)
    while position > 0 and data[position] & 0xC0 == 0x80:
        position -= 1
    return position
