"""A handout reads well in a terminal and loses nothing as plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.report.handout import render

ROOT = Path(__file__).parents[2]
HANDOUTS = sorted(ROOT.glob("assignments/*/README.md"))


def plain(markdown: str) -> str:
    return render(markdown, color=False, width=80)


def test_headings_are_underlined_and_code_keeps_its_backticks() -> None:
    assert plain("# Title\n\n## Part\nCall `fork` *once*.\n") == (
        "Title\n═════\n\nPart\n────\n\nCall `fork` once.\n"
    )


def test_in_colour_there_are_neither_underlines_nor_backticks() -> None:
    text = render("# Title\n\nCall `fork`.\n", color=True, width=80)
    assert "\x1b[" in text
    assert "═" not in text
    assert "`" not in text


def test_lines_of_code_are_never_broken() -> None:
    line = "cc " + " ".join(["-Wall"] * 30)
    assert f"    {line}\n" in plain(f"Build it:\n\n    {line}\n")
    assert f"    {line}\n" in plain(f"```console\n{line}\n```\n")


def test_code_in_a_list_is_not_cut_either() -> None:
    words = " ".join(f"word{number}" for number in range(40))
    text = plain(f"1. Type\n\n   ```\n   {words}\n   ```\n")
    assert text.split()[2:] == words.split()


def test_a_link_shows_where_it_goes() -> None:
    assert "os.pipe (https://example.org/pipe)" in plain("[os.pipe](https://example.org/pipe)")


def test_a_table_stands_between_single_empty_lines() -> None:
    assert plain("a\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\nb\n") == ("a\n\nx  y\n────\n1  2\n\nb\n")


def test_nothing_in_it_steers_the_terminal() -> None:
    assert "\x1b" not in plain("a\x1b]0;owned\x07b")


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: path.parent.name)
def test_handouts_fit_into_80_columns_but_for_their_code(path: Path) -> None:
    text = plain(path.read_text())
    wide = [line for line in text.split("\n") if cell_len(line) > 80]
    assert all(line.startswith("    ") for line in wide)
    said = path.read_text().replace("```console", "").replace("`", " ").replace("*", " ")
    assert [word for word in said.split() if word.isalnum() and word not in text] == []
