"""Owns the pieces that the verdict on a terminal is laid out with.

All text that comes in is cleaned of what could steer the terminal. Only commands may be wider than
the screen: a line break of ours inside a command would be copied with it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO, TypeAlias

import msgspec

from grader.report.clean import clean_line, head_and_tail
from grader.report.detail import WORK

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

WIDTH = 80
_INDENT = 4
_LABEL = 8
_DETAIL_LINES = 12

Row: TypeAlias = tuple[str, str, str, str, str]
"""One event: process, source line, what it did, to which object, what else there is to say."""


class Verbatim(msgspec.Struct, frozen=True):
    """Lines that are not wrapped. label: in front of the first one."""

    label: str
    lines: tuple[str, ...]


Part: TypeAlias = "RenderableType | Verbatim"


def drawing(out: TextIO, *, color: bool, width: int) -> Console:
    """A terminal of so many columns that draws into `out`; color: with ANSI colours."""
    from rich.console import Console

    return Console(
        file=out,
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},  # the result depends on the arguments alone
    )


def drawn(parts: Iterable[Part], *, color: bool, width: int = WIDTH) -> str:
    """The parts as text that ends in a line feed; color: with ANSI colours."""
    out = io.StringIO()
    console = drawing(out, color=color, width=width)
    for part in parts:
        if isinstance(part, Verbatim):
            for line in _labelled(part):
                console.print(line, soft_wrap=True)
        else:
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().removesuffix("\n").split("\n"))


def _labelled(part: Verbatim) -> Iterator[Text]:
    from rich.text import Text

    for index, line in enumerate(part.lines):
        label = part.label if index == 0 else ""
        begin = f"{'':{_INDENT}}{label:<{_LABEL}} " if part.label else f"{'':{_INDENT}}"
        yield Text.assemble((begin, "dim"), clean_line(line))


def command(label: str, words: Sequence[str], *, width: int = WIDTH) -> Verbatim:
    """One command, broken where a shell allows it: behind a backslash. words: quoted."""
    room = width - _INDENT - (_LABEL + 1 if label else 0) - 2
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines[-1] += " \\"
            lines.append("  " + word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return Verbatim(label, tuple(lines))


def heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text(clean_line(text), style="bold")


def dim(text: str, *, indent: int = 0) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(clean_line(text), style="dim"), (0, 0, 0, indent))


def cropped(text: Text) -> RenderableType:
    """One line; what does not fit is cut off, and that shows."""
    from rich.padding import Padding

    text.no_wrap, text.overflow = True, "ellipsis"
    return Padding(text, 0)


def detail(label: str, text: str) -> RenderableType:
    """An indented paragraph, its label in a column of its own; without label: all the width."""
    from rich.text import Text

    body = Text(head_and_tail(text.replace(WORK, ""), _DETAIL_LINES), overflow="fold")
    if not label:
        table = grid(indent=_INDENT - 1, text=None)
        table.add_row("", body)
    else:
        table = grid(indent=_INDENT - 1, label=_LABEL, text=None)
        table.add_row("", Text(label, style="dim"), body)
    return table


def quotation(text: str, lines: int) -> RenderableType:
    """Somebody else's words, marked as such on every line."""
    from rich.text import Text

    table = grid(indent=_INDENT - 1, bar=1, text=None)
    for line in head_and_tail(text, lines).split("\n"):
        table.add_row("", Text("│", style="dim"), Text(line, overflow="fold"))
    return table


def events(rows: Sequence[Row], *, label: str = "") -> RenderableType:
    """One aligned line an event; what does not fit at its end is cut off, and that shows."""
    from rich.table import Table
    from rich.text import Text

    inner = Table.grid(padding=(0, 2, 0, 0), expand=True)
    used = [index for index in range(5) if any(row[index] for row in rows)]
    for index in used:
        last = index == used[-1]
        inner.add_column(no_wrap=True, overflow="ellipsis", ratio=1 if last else None)
    for row in rows:
        inner.add_row(*(Text(clean_line(row[index].replace(WORK, ""))) for index in used))
    if not label:
        table = grid(indent=_INDENT + 1, text=None)
        table.add_row("", inner)
    else:
        table = grid(indent=_INDENT - 1, label=_LABEL, text=None)
        table.add_row("", Text(label, style="dim"), inner)
    return table


def grid(**widths: int | None) -> Table:
    """Columns one blank apart; the one without width takes the rest of the line."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1), expand=True)
    for width in widths.values():
        table.add_column(width=width, ratio=1 if width is None else None)
    return table
