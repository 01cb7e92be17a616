"""Student-controlled text never steers a terminal, and always survives as readable text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from grader.report.clean import clean, clean_line, head_and_tail, valid

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def test_escape_sequences_bidi_controls_and_c1_become_visible() -> None:
    assert clean_line("\x1b[31mred\x9b0m") == "\\x1b[31mred\\x9b0m"
    assert clean_line("abc\u202etxt") == "abc\\u202etxt"
    assert clean_line("a\nb\tc\r\0") == "a\\nb\\tc\\r\\0"
    assert clean_line("\U000e0041") == "\\U000e0041"


def test_ordinary_writing_stays_as_it_is() -> None:
    text = "Grüße, 世界, नमस्ते, 👩\u200d💻: 5\u00a0€"
    assert clean(text) == text
    assert clean("a\tb\nc") == "a   b\nc"


@given(ANY_TEXT)
def test_no_control_character_but_the_line_feed_survives(text: str) -> None:
    dangerous = {"Cc", "Cs", "Zl", "Zp"}
    assert {
        unicodedata.category(char) for char in clean(text).replace("\n", "")
    } & dangerous == set()
    assert "\n" not in clean_line(text)


@given(ANY_TEXT)
def test_valid_text_can_be_encoded_and_valid_text_is_left_alone(text: str) -> None:
    valid(text).encode("utf-8")
    if not any(unicodedata.category(char) == "Cs" for char in text):
        assert valid(text) == text


def test_an_undecodable_byte_of_a_file_name_is_shown_as_that_byte() -> None:
    assert valid("a\udcffb\ud800") == "a\\xffb\\ud800"


def test_a_cut_in_the_middle_is_said() -> None:
    text = "".join(f"{number}\n" for number in range(10))
    assert head_and_tail(text, 5) == "0\n1\n… (6 lines left out)\n8\n9"
    assert head_and_tail("x" * 50, 5, width=10) == "x" * 9 + "…"
