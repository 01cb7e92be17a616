"""A scenario and a seed become steps and conditions without placeholders."""

from __future__ import annotations

import re

import msgspec
import pytest

from grader.course.bind import bind, fill_struct
from grader.course.conditions import Pattern, Text
from grader.course.model import Assignment, Check, Scenario, Vary
from grader.course.steps import Finish, Start

VALUES = {"message": "a+b", "message.bytes": "3", "burst": "one\ntwo\n", "burst.lines": "2"}

ASSIGNMENT = Assignment(
    title="t",
    programs=["chat"],
    vary={"key": "sysv_key", "message": Vary(text=9)},
    scenarios={
        "talk": Scenario(
            vary={"message": Vary(text=40)},
            run=[
                Start(
                    start="chat",
                    as_="a",
                    args=["{key}", "{{x}}"],
                    stdin="{message}\n",
                    files={"{key}.txt": "{message.bytes}"},
                ),
                Finish(finish="a"),
            ],
        )
    },
    checks=[],
)


def test_every_text_of_every_step_is_filled() -> None:
    steps, values = bind(ASSIGNMENT, "talk", 7)
    key, message = values["key"], values["message"]
    assert len(message.encode()) == 40, "the scenario's own value wins over the assignment's"
    assert steps == (
        Start(
            start="chat",
            as_="a",
            args=[key, "{x}"],
            stdin=f"{message}\n",
            files={f"{key}.txt": "40"},
        ),
        Finish(finish="a"),
    )


def test_the_same_seed_binds_the_same_steps() -> None:
    assert bind(ASSIGNMENT, "talk", 7) == bind(ASSIGNMENT, "talk", 7)
    assert bind(ASSIGNMENT, "talk", 7) != bind(ASSIGNMENT, "talk", 8)


def test_a_scenario_that_is_none_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        bind(ASSIGNMENT, "tlak", 7)


def test_a_checks_conditions_are_filled_and_its_words_are_not() -> None:
    check = Check(
        id="a",
        title="the {message}",
        hint="{{",
        points=1,
        scenario="talk",
        observe=[Pattern(event="pipe.write", total="{message.bytes}", args={"key": "{message}"})],
        stdout="{message}",
        exit=0,
    )
    assert fill_struct(check, VALUES) == msgspec.structs.replace(
        check,
        observe=[Pattern(event="pipe.write", total="3", args={"key": "a+b"})],
        stdout="a+b",
    )


def test_a_value_in_a_pattern_matches_itself() -> None:
    text = fill_struct(Text(pattern="^{message}[0-9]{{2}}$"), VALUES)
    assert text.pattern is not None
    assert re.search(text.pattern, "a+b42")


def test_a_value_of_lines_becomes_one_expected_line_each() -> None:
    text = fill_struct(Text(lines=["start", "a: {burst}", "end"]), VALUES)
    assert text.lines == ["start", "a: one", "a: two", "end"]
