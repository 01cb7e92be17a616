"""Owns the conditions on what an actor printed: `stdout` and `stderr`.

A plain string stands for its lines, each ended by a newline, the last one too: "a" asks for `a` and
a newline, "" for nothing at all. `exactly` asks for its very bytes, `pattern` for a regular
expression that is found somewhere (anchor it to hold the whole), `any_order` for these lines in any
order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from grader.check.actors import actor_of, last_words
from grader.check.difference import Seen, abridged, compared
from grader.check.result import Bindings, Result, broken, failed, passed
from grader.check.words import counted, listed, quoted
from grader.course.conditions import Text
from grader.trace.model import Output, Recording
from grader.trace.text import unescape

Stream: TypeAlias = Literal["stdout", "stderr"]

_IN_WORDS: Mapping[str, str] = {
    r"\A[^\n]+\n?\Z": "one line",
    r"\A[^\n]+\n\Z": "one line, ended by a newline",
}
"""The commonest patterns, for those who don't read regular expressions."""

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
"""A line with its newline. Only that ends one: bytes.splitlines would split at a return too."""


def stdout(recording: Recording, condition: str | Text | Sequence[Text], _: Bindings) -> Result:
    """What actors printed on stdout."""
    return _printed(recording, condition, "stdout")


def stderr(recording: Recording, condition: str | Text | Sequence[Text], _: Bindings) -> Result:
    """What actors printed on stderr."""
    return _printed(recording, condition, "stderr")


def _printed(
    recording: Recording, condition: str | Text | Sequence[Text], stream: Stream
) -> Result:
    if isinstance(condition, str):
        condition = as_text(condition)
    for text in [condition] if isinstance(condition, Text) else condition:
        actor = actor_of(recording, text.of)
        result = actor if isinstance(actor, Result) else _judge(recording, actor, text, stream)
        if not result.ok:
            return result
    return passed()


def _judge(recording: Recording, actor: Output, text: Text, stream: Stream) -> Result:
    seen = seen_of(actor, stream)
    where = f"The {stream} of {actor.name}"
    if text.exactly is not None:
        result = _exactly(text.exactly.encode(), seen, where)
    elif text.lines is not None:
        result = _exactly(as_lines(text.lines), seen, where)
    elif text.any_order is not None:
        result = _any_order(as_lines(text.any_order), seen, where)
    elif text.pattern is not None:
        result = _pattern(text.pattern, seen, where)
    elif text.empty is not None:
        result = _empty(text.empty, seen, where)
    else:
        return broken(f"its condition on {stream} says nothing")
    words = last_words(recording)
    if result.ok or stream == "stderr" or words is None:
        return result
    return failed(f"{result.message} {words}", expected=result.expected, seen=result.seen)


def as_text(plain: str) -> Text:
    """What a plain string stands for."""
    return Text(lines=[plain] if plain else [])


def seen_of(actor: Output, stream: Stream) -> Seen:
    """What an actor printed, with how much of its middle was cut out."""
    if stream == "stdout":
        return Seen(unescape(actor.stdout), cut=actor.stdout_cut)
    return Seen(unescape(actor.stderr), cut=actor.stderr_cut)


def as_lines(lines: Sequence[str]) -> bytes:
    """The lines with a newline after each. A value of several lines counts as them; the newline
    that ends it is not counted twice."""
    return b"".join(line.removesuffix("\n").encode() + b"\n" for line in lines)


def _exactly(expected: bytes, seen: Seen, where: str) -> Result:
    if seen.equals(expected):
        return passed()
    told = compared(expected, seen)
    return failed(f"{where} {told.how}.", expected=told.expected, seen=told.seen)


def _any_order(expected: bytes, seen: Seen, where: str) -> Result:
    wanted, found = Counter(_LINE.findall(expected)), Counter(_LINE.findall(seen.data))
    missing, extra = wanted - found, found - wanted
    if not missing and not extra and not seen.cut:
        return passed()
    facts = [f"{counted(seen.cut, 'byte')} of it were not kept"] if seen.cut else []
    for what, lines in (("missing", missing), ("too much", extra)):
        if lines:
            some = listed([quoted(line) for line in sorted(lines.elements())], most=3)
            facts.append(f"{counted(lines.total(), 'line')} {what} ({some})")
    return failed(
        f"{where} is not as expected, in any order of lines: {', '.join(facts)}.",
        expected=abridged(expected),
        seen=abridged(seen.data, seen.size),
    )


def _pattern(pattern: str, seen: Seen, where: str) -> Result:
    try:
        found = re.search(pattern, seen.data.decode("utf-8", errors="backslashreplace"))
    except re.error as error:
        return broken(f"its pattern {pattern!r} is no regular expression: {error}")
    if found:
        return passed()
    wanted = _IN_WORDS.get(pattern, f"something that fits the pattern {pattern}")
    what = f"is not {wanted}" if seen.data else "is empty"
    return failed(
        f"{where} {what}.",
        expected=wanted,
        seen=abridged(seen.data, seen.size),
    )


def _empty(empty: bool, seen: Seen, where: str) -> Result:
    if (seen.size == 0) is empty:
        return passed()
    if not empty:
        return failed(f"{where} is empty.", expected="something", seen="nothing")
    return failed(
        f"{where} should be empty, but {counted(seen.size, 'byte')} came: {quoted(seen.data)}.",
        expected="nothing",
        seen=abridged(seen.data, seen.size),
    )
