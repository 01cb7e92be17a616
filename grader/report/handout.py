"""Owns a handout (Markdown) as a terminal shows it, and as plain text.

Without colour nothing is lost: headings are underlined and code keeps its backticks. Lines of code
are never broken, so that they can be copied.
"""

from __future__ import annotations

import io
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement, TableElement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from grader.report.clean import clean
from grader.report.layout import drawing

_UNDERLINES = {"h1": "═", "h2": "─"}
_INDENT = 4


def render(markdown: str, *, color: bool, width: int) -> str:
    """The handout as text that ends in a line feed, in so many columns."""
    out = io.StringIO()
    console = drawing(out, color=color, width=width)
    document = _Handout(clean(markdown), hyperlinks=False)
    if not color:
        _keep_backticks(document)
    console.print(document, crop=False)
    lines = (line.rstrip() for line in out.getvalue().strip("\n").split("\n"))
    return "".join(f"{line}\n" for line in lines)


def _keep_backticks(document: Markdown) -> None:
    for token in document.parsed:
        for part in token.children or []:
            if part.type == "code_inline":
                part.content = f"`{part.content}`"


class _Heading(Heading):
    """Where the text begins; without colour the two upper levels are underlined."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text
        if console.no_color and self.tag in _UNDERLINES:
            columns = min(self.text.cell_len, options.max_width)
            yield Text(_UNDERLINES[self.tag] * columns)


class _Code(CodeBlock):
    """Indented and as it was written, however long its lines are."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = Text(str(self.text).rstrip(), style="cyan", overflow="fold")
        if options.max_width < console.width:  # in a list or a quotation, which cut what is wider
            yield code
            return
        for line in code.split("\n"):
            yield Segment(" " * _INDENT)
            yield Segment(line.plain, console.get_style("cyan"))
            yield Segment.line()


class _Table(TableElement):
    """Without the empty lines of an edge."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                part.show_edge = False
            yield part


class _Handout(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }
