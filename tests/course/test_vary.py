"""Random values are exact in size, safe to print, and the same for the same seed everywhere."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from grader.course.model import Vary, VaryKind
from grader.course.vary import fill, fill_lines, placeholders, values

seeds = st.integers(0, 2**63)


def make(kind: VaryKind, seed: int = 1) -> str:
    return values({"x": kind}, seed, "talk")["x"]


def is_one_clean_line(text: str) -> bool:
    return text == text.strip() and not any(
        unicodedata.category(c)[0] in "CZ" and c != " " for c in text
    )


@given(seeds, st.integers(0, 300))
def test_text_has_exactly_the_bytes_asked_for_in_one_clean_line(seed: int, size: int) -> None:
    text = make(Vary(text=size), seed)
    assert len(text.encode()) == size
    assert is_one_clean_line(text)


@given(seeds, st.integers(8, 40))
def test_text_with_room_has_characters_of_several_bytes(seed: int, size: int) -> None:
    assert not make(Vary(text=size), seed).isascii()


@given(seeds)
def test_lines_have_exactly_their_bytes_and_all_differ(seed: int) -> None:
    made = values({"burst": Vary(lines=20, bytes=50)}, seed, "talk")
    lines = made["burst"].split("\n")
    assert lines.pop() == ""
    assert [len(line.encode()) for line in lines] == [50] * 20
    assert len(set(lines)) == 20
    assert all(is_one_clean_line(line) for line in lines)
    assert made["burst.lines"] == "20"
    assert made["burst.bytes"] == str(20 * 51)


@given(seeds, st.integers(0, 9))
def test_words_are_counted(seed: int, count: int) -> None:
    assert len(make(Vary(words=count), seed).split()) == count


@given(seeds)
def test_numbers_lie_in_their_ranges(seed: int) -> None:
    assert 1 <= int(make("sysv_key", seed)) < 2**31
    assert 20_000 <= int(make("tcp_port", seed)) <= 60_000
    assert -2 <= int(make(Vary(integer=(-2, 1)), seed)) <= 1
    assert make(Vary(choice=["a", "b"]), seed) in "ab"


@given(seeds)
def test_numbers_follow_from_others(seed: int) -> None:
    made = values(
        {
            "n": Vary(integer=(-50, 50)),
            "twice": Vary(product=["n", 2]),
            "more": Vary(sum=["n", "twice", 1]),
            "limit": Vary(integer=(1, 100)),
            "total": Vary(sum_to="limit"),
        },
        seed,
        "s",
    )
    n, limit = int(made["n"]), int(made["limit"])
    assert (int(made["twice"]), int(made["more"])) == (2 * n, 3 * n + 1)
    assert int(made["total"]) == sum(range(limit + 1))
    assert made.keys() == {"n", "twice", "more", "limit", "total"}


def test_values_are_pinned_across_machines_and_versions() -> None:
    made = values(
        {
            "key": "sysv_key",
            "text": Vary(text=20),
            "words": Vary(words=3),
            "n": Vary(integer=(1, 6)),
        },
        seed=42,
        scenario="talk",
    )
    assert made == {
        "key": "1453111342",
        "text": "Oß🙂hFjUyxcdqj:di",
        "text.bytes": "20",
        "words": "ziba peliriru kogo",
        "words.bytes": "18",
        "n": "6",
    }


def test_values_differ_by_seed_scenario_and_name() -> None:
    kinds: dict[str, VaryKind] = {"a": Vary(text=30), "b": Vary(text=30)}
    made = [values(kinds, seed, id) for seed in (1, 2) for id in ("x", "y")]
    assert len({value for one in made for value in (one["a"], one["b"])}) == 8


def test_only_known_placeholders_are_filled_and_only_once() -> None:
    known = {"a": "{b}", "b": "B", "a.bytes": "3"}
    assert fill("{a} {b} {a.bytes} {{b}} {{{b}}} {c} {a.__class__} {", known) == (
        "{b} B 3 {b} {B} {c} {a.__class__} {"
    )


@given(st.text(alphabet="{}a.", max_size=20))
def test_text_that_has_its_braces_doubled_comes_back_as_it_was(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert fill(doubled, {"a": "A"}) == text
    assert list(placeholders(doubled)) == []


def test_a_template_with_lines_becomes_one_line_for_each() -> None:
    known = {"burst": "one\ntwo\n", "burst.lines": "2", "who": "a"}
    assert fill_lines("{who}: {burst}", known) == ["a: one", "a: two"]
    assert fill_lines("{who}: {{burst}}", known) == ["a: {burst}"]
