"""Columns are counted as a terminal counts them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.report.columns import fit, width


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert (width("abc"), width("管道"), width("u\u0308")) == (3, 4, 1)


def test_short_text_is_filled_up_and_long_text_cut() -> None:
    assert fit("pipe", 6) == "pipe  "
    assert fit("semaphore", 6) == "semap…"
    assert fit("管道管道", 6) == "管道… "


@given(st.text("ab管\u0308道 ", max_size=20), st.integers(1, 20))
def test_text_that_was_fit_has_exactly_so_many_columns(text: str, columns: int) -> None:
    assert width(fit(text, columns)) == columns
