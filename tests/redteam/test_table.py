"""The page on isolation tells what the suite tests, no more and no less."""

from __future__ import annotations

from tests.redteam.attacks_table import attacks
from tests.redteam.table import ELSEWHERE, PAGE, placed

ROOT = PAGE.parents[1]


def test_the_table_of_attacks_is_current() -> None:
    page = PAGE.read_text()
    assert page == placed(page), "make it anew: python -m tests.redteam.table"


def test_what_is_tested_elsewhere_is_there() -> None:
    places = {place for found in ELSEWHERE.values() for _words, place in found}
    assert [place for place in sorted(places) if not (ROOT / place).is_file()] == []


def test_every_attack_says_what_it_is() -> None:
    assert [a.name for a in attacks() if not {"threat", "attack", "happens"} <= a.said.keys()] == []
