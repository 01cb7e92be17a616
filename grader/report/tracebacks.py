"""Owns the shortening of Python tracebacks to the student's own lines: frames of libraries are left
out, which is said, and files are named as the student knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from grader.report import words
from grader.report.detail import WORK

_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'^  File "([^"]*)", line \d+, in ')
_HEAD, _TAIL = 2, 3
"""Of many own frames in a row (a recursion) the first and the last ones are shown."""


class _Frame(msgspec.Struct):
    own: bool
    lines: list[str] = msgspec.field(default_factory=list)


def shortened(text: str) -> str:
    """The text with its tracebacks shortened; without any it stays as it is."""
    if _BEGIN not in text and f'File "{WORK}' not in text:
        return text
    out: list[str] = []
    frames: list[_Frame] = []
    for line in text.split("\n"):
        found = _FRAME.match(line)
        if found is not None:
            frames.append(_Frame(_is_own(found[1]), [line]))
        elif frames and line.startswith("  "):
            frames[-1].lines.append(line)  # the source line, the marks below it, repeats
        else:
            out += _told(frames)
            frames = []
            out.append(line)
    out += _told(frames)
    return "\n".join(out).replace(WORK, "")


def _is_own(file: str) -> bool:
    return file.startswith(WORK) or not file.startswith(("/", "<frozen "))


def _told(frames: Sequence[_Frame]) -> Iterator[str]:
    """Own frames in full; of others, if there are own ones, only how many."""
    if not any(frame.own for frame in frames):
        for frame in frames:
            yield from frame.lines
        return
    own = [frame for frame in frames if frame.own]
    cut = own[_HEAD:-_TAIL] if len(own) > _HEAD + _TAIL else []
    others = 0
    for index, frame in enumerate(frames):
        if frame.own:
            if not any(frame is one for one in cut):
                yield from frame.lines
            elif frame is cut[0]:
                yield f"  ({words.count(len(cut), 'more call')} of your own left out)"
            continue
        others += 1
        if index + 1 == len(frames) or frames[index + 1].own:
            yield f"  ({words.count(others, 'call')} inside libraries left out)"
            others = 0
