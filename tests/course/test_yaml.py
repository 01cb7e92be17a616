"""YAML is read as data, and every part of it keeps its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import yaml
from grader.course.yaml import parse
from grader.errors import CourseError, Problem


def problems(text: str | bytes) -> list[Problem]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(CourseError) as caught:
        parse(data, "a.yaml")
    return list(caught.value.problems)


def test_scalars_mean_what_yaml_1_2_says() -> None:
    text = "[no, on, yes, 010, 0o17, 0x1f, 1:30, 1_000, 2.5, true, ~, '5', .inf, 2024-01-01, -7]"
    assert parse(text.encode(), "a").value == [
        *("no", "on", "yes"),
        *(10, 15, 31, "1:30", "1_000", 2.5, True, None, "5", ".inf", "2024-01-01", -7),
    ]


def test_every_key_and_value_has_its_line_and_column() -> None:
    document = parse(b"title: x\nchecks:\n  - id: a\n    points: 3\n", "a")
    assert document.keys["checks", 0, "points"] == (4, 5)
    assert document.values["checks", 0, "points"] == (4, 13)
    assert document.values["checks", 0] == (3, 5)


def test_a_problem_without_a_place_of_its_own_is_at_the_nearest_part_around_it() -> None:
    document = parse(b"a:\n  b: 1\n", "a")
    problem = document.problem(("a", "c", 0), "lost")
    assert (problem.line, problem.column) == (2, 3)


def test_a_key_that_is_there_twice_is_named_with_the_place_of_both() -> None:
    (problem,) = problems("a: 1\nb: 2\na: 3\n")
    assert (problem.line, problem.column) == (3, 1)
    assert "line 1" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: !!python/object/apply:os.system [ls]", 1, 4),
        ("a: !own {}", 1, 4),
        ("a: !!binary aGk=", 1, 4),
        ("a: !!int seven", 1, 4),
        ("1: a", 1, 1),
        ("? [a]\n: b", 1, 3),
        ("a: *b", 1, 4),
        ("a: &a [*a]", 1, 8),
        ("--- a\n--- b", 2, 1),
        ("a: [\n", 2, 1),
        ("a: b: c", 1, 5),
        ("\ta: b", 1, 1),
        ("a: b\x00c", 1, 5),
        ("a:\n- 99999999999999999999", 2, 3),
        ("a: 1e999", 1, 4),
        ("a: " + "9" * 5000, 1, 4),
    ],
)
def test_what_is_more_than_data_is_refused_at_its_place(text: str, line: int, column: int) -> None:
    first = problems(text)[0]
    assert (first.line, first.column) == (line, column)


def test_several_defects_are_reported_at_once() -> None:
    found = problems("a: !x 1\na: 2\n3: c\n")
    assert [problem.line for problem in found] == [1, 2, 3]


def test_an_explicit_core_tag_is_followed() -> None:
    assert parse(b"[!!str 5, !!int '5', !!float 5, ! 5, !!map {}, !!seq []]", "a").value == [
        *("5", 5, 5, "5", {}, []),
    ]


def test_anchors_say_once_what_repeats() -> None:
    assert parse(b"a: &x {run: [1]}\nb: *x\n", "a").value == {"a": {"run": [1]}, "b": {"run": [1]}}


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (problem,) = problems("\n".join(lines))
    assert str(yaml.MAX_VALUES) in problem.message


def test_bottomless_nesting_is_stopped() -> None:
    (problem,) = problems("[" * 100_000)
    assert (problem.line, problem.column) == (1, yaml.MAX_DEPTH + 1)


def test_a_file_that_is_not_utf8_says_where() -> None:
    (problem,) = problems(b"a: b\nc: \xff\n")
    assert (problem.line, problem.column) == (2, 4)


def test_a_file_of_any_size_is_not_read_to_its_end() -> None:
    (problem,) = problems(b"#" * (yaml.MAX_BYTES + 1))
    assert "larger" in problem.message


@given(st.text(alphabet=st.sampled_from("ab:-?[]{}&*!|>'\"%@#,\n\t \\0.~\x00é🙂"), max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        document = parse(text.encode(), "a")
    except CourseError as error:
        assert all(problem.line >= 1 and problem.column >= 1 for problem in error.problems)
    else:
        assert document.file == "a"


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        parse(data, "a")
    except CourseError as error:
        assert error.problems
