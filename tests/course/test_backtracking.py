"""Patterns that can take for ever are told from those that only look like it."""

from __future__ import annotations

import re

import pytest

from grader.course.backtracking import explodes


@pytest.mark.parametrize(
    "pattern",
    [
        r"\A(a+)+\Z",
        r"(a+)+?b",
        r"(.*)*x",
        r"(?s)(.*\n)*x",
        r"(a|b|ab)*c",
        r"((a|b)*)*c",
        r"(x*y*)*z",
        r"(\w+\s?)*\Z",
        r"(\S+\s*)+;",
        r"\A(\d+|\w+)*$",
        r"(?i)(ab|.B)*c",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r'(?:[^"\\]|\\.|[^"])*"',
        r"([0-9]{1,3}){20}x",
        r"(a?){30}b",
        r"(?=(a+)+b)c",
        r"(?<!x)(a+)+b",
        r"(?:(?P<name>a*)*)b",
    ],
)
def test_what_can_be_read_in_two_ways_in_a_loop_explodes(pattern: str) -> None:
    re.compile(pattern)
    assert explodes(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a{2,5}",
        r"\A[^\n]+\n?\Z",
        r"\A1\n2\n3\n(?s:.*)\n9\n\Z",
        r"\Ablocked\n.*x\n(.*\n)*.*y\n",
        r"(?i)\A[^\n]*(shm|sem|shared.?memory)[^\n]*\n?\Z",
        r"([a-z]+,)+b",
        r"(a|b)*c",
        r"(a|ab)*c",  # two ways to begin, one to go on
        r"(ab?)*c",
        r"(\d+\.)*\d+\Z",
        r"(\w+\s)*\Z",
        r"(\s*\w)*\Z",
        r"(\n|\S.*\n)*\Z",
        r"(line \d+\n){200}\Z",
        r"(a{3}){4}b",
        r"([0-9]{3}){20}b",
        r"(a+)+",  # nothing behind it can fail
        r"(a*)*",
        r"(?>a+)+b",
        r"(a++)+b",
        r"([\"'])(.*?)\1x",
        r"(a)?(?(1)b|c)+d",
        r"(?>(a|b)*)c",
    ],
)
def test_what_is_read_in_one_way_is_harmless(pattern: str) -> None:
    re.compile(pattern)
    assert not explodes(pattern)


def test_it_takes_no_time_itself() -> None:
    letters = "|".join(f"word{number}" for number in range(300))
    assert not explodes(rf"\A({letters})*\n\Z")
    assert not explodes(r"\A" + "x" * 70_000 + r"\Z")
