"""Owns a scenario's random values: how they are made from a seed, and how text is filled with them.

Every value is read from a hash of (seed, scenario, name), so it is the same on every machine and
in every Python, and none depends on another one, but for sums and products of some.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Iterator, Mapping

from grader.course.model import Vary, VaryKind

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Two, three and four bytes of UTF-8 each; none of them combines, is a space or turns the direction.
_MULTIBYTE = "äöüßéèñçåøłžšλπΩжшя€→✓漢字日本한글🙂🐧"
# Letters weigh more than the rest, so that it looks like words.
_ALPHABET = _LETTERS * 6 + _LETTERS.upper() + "0123456789" + " " * 24 + ".,;:!?" + _MULTIBYTE
_BY_BYTE = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_SYLLABLES = tuple(c + v for c in "bdfgklmnprstvz" for v in "aeiou")

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def values(kinds: Mapping[str, VaryKind], seed: int, scenario: str) -> dict[str, str]:
    """The values by placeholder name: "message" is the text, "message.bytes" its size.

    Text, words, lines and choices have `.bytes` (UTF-8), hex has those that it stands for; lines
    also `.lines`, how many, and each line of theirs ends in a newline, which `.bytes` counts.
    """
    made: dict[str, str] = {}
    for name, kind in kinds.items():
        key = f"{seed}/{scenario}/{name}"
        made[name] = _derived(kind, made) or _value(kind, key)
        if isinstance(kind, Vary) and not kind.numeric:
            size = len(made[name].encode())
            made[f"{name}.bytes"] = str(size if kind.hex is None else size // 2)
        if isinstance(kind, Vary) and kind.lines is not None:
            made[f"{name}.lines"] = str(kind.lines)
    return made


def _derived(kind: VaryKind, made: Mapping[str, str]) -> str | None:
    """The number that follows from others, None if this one does not."""
    if not isinstance(kind, Vary) or not kind.derived_from:
        return None
    numbers = [int(made[part]) if isinstance(part, str) else part for part in kind.derived_from]
    if kind.sum is not None:
        return str(sum(numbers))
    if kind.product is not None:
        return str(math.prod(numbers))
    return str(numbers[0] * (numbers[0] + 1) // 2)


def _value(kind: VaryKind, key: str) -> str:
    match kind:
        case "sysv_key":
            return str(_integer(key, 1, 2**31 - 1))
        case "tcp_port":
            return str(_integer(key, 20_000, 60_000))
        case Vary(text=int(size)):
            return _text(key, size)
        case Vary(words=int(count)):
            return " ".join(_word(f"{key}/{index}") for index in range(count))
        case Vary(lines=int(count), bytes=int(size)):
            return "".join(f"{_text(f'{key}/{index}', size)}\n" for index in range(count))
        case Vary(hex=int(size)):
            return _bytes(key, size).hex()
        case Vary(integer=(low, high)):
            return str(_integer(key, low, high))
        case Vary(choice=list(choices)) if choices:
            return choices[_integer(key, 0, len(choices) - 1)]
    raise ValueError(f"this is no way to make a value: {kind}")


def _digest(key: str, size: int) -> bytes:
    import hashlib  # and OpenSSL with it

    return hashlib.shake_256(key.encode()).digest(size)


def _bytes(key: str, size: int) -> bytes:
    """All bytes are as likely, but the ones that programs stumble over come first."""
    return (b"\0\xff\n\r\n\x80\x04\x1a\0" + _digest(key, size))[:size]


def _integer(key: str, low: int, high: int) -> int:
    # 128 bits: no range that fits here is visibly uneven.
    return low + int.from_bytes(_digest(key, 16), "big") % (high - low + 1)


def _word(key: str) -> str:
    length, *rest = _digest(key, 5)
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in rest[: 2 + length % 3])


def _text(key: str, size: int) -> str:
    """One line of exactly `size` bytes. Begins and ends with a letter: no option, no space."""
    digest = _digest(key, size + 3)
    first, last, foreign = digest[:3]
    ends = _LETTERS[first % 26].upper(), _LETTERS[last % 26]
    if size <= 2:
        return "".join(ends)[:size]
    room = size - 2
    middle, _ = codecs.charmap_decode(digest[3:], "strict", _BY_BYTE)
    if room >= 6:
        middle = _MULTIBYTE[foreign % len(_MULTIBYTE)] + middle
    middle = middle.encode()[:room].decode(errors="ignore")
    # The cut may have fallen inside a character of up to four bytes.
    middle += "." * (room - len(middle.encode()))
    return ends[0] + middle + ends[1]


def fill(text: str, values: Mapping[str, str], *, quote: Callable[[str], str] | None = None) -> str:
    """The text with each known `{name}` replaced, once; `{{` and `}}` are literal braces.

    quote: applied to each value before it goes in (`re.escape` for patterns). Unknown
    placeholders stay as they are: `course.load` has refused them.
    """

    def one(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        value = values.get(match[1]) if match[1] is not None else None
        if value is None:
            return match[0]
        return quote(value) if quote else value

    return _PLACEHOLDER.sub(one, text)


def fill_lines(text: str, values: Mapping[str, str]) -> list[str]:
    """The text as expected lines: "a: {burst}" becomes one line for each line of `burst`.

    Text without a placeholder of lines is one line.
    """
    many = next((name for name in placeholders(text) if f"{name}.lines" in values), None)
    if many is None:
        return [fill(text, values)]
    lines = values[many].split("\n")[:-1]
    return [fill(text, {**values, many: line}) for line in lines]


def placeholders(text: str) -> Iterator[str]:
    """The names in braces, in order; a brace without its partner comes as "{" or "}"."""
    for match in _PLACEHOLDER.finditer(text):
        if match[1] is not None:
            yield match[1]
        elif match[0] in ("{", "}"):
            yield match[0]
