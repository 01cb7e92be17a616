"""`--only` takes checks, what they need, and the scenarios of both."""

from __future__ import annotations

import pytest

from grader.course.model import Assignment, Check, Scenario
from grader.course.selection import hidden_scenarios, select
from grader.course.steps import Start
from grader.errors import UsageError

ONE = Scenario(run=[Start(start="hello")])


def check(id: str, scenario: str | list[str], *needs: str, hidden: bool = False) -> Check:
    return Check(
        id=id, title=id, points=1, scenario=scenario, exit=0, needs=list(needs), hidden=hidden
    )


ASSIGNMENT = Assignment(
    title="Pipe",
    programs=["hello"],
    scenarios={"a": ONE, "b": ONE, "c": ONE, "secret": ONE},
    checks=[
        check("prints", "a"),
        check("reaps", ["b", "c"], "prints"),
        check("removes", "c"),
        check("trap", ["c", "secret"], hidden=True),
    ],
)


def test_a_check_alone_takes_its_own_scenarios() -> None:
    chosen = select(ASSIGNMENT, ["removes"])
    assert [check.id for check in chosen.checks] == ["removes"]
    assert list(chosen.scenarios) == ["c"]


def test_a_check_brings_what_it_needs() -> None:
    chosen = select(ASSIGNMENT, ["reaps"])
    assert [check.id for check in chosen.checks] == ["prints", "reaps"]
    assert list(chosen.scenarios) == ["a", "b", "c"]


def test_an_unknown_check_is_told_with_the_nearest_or_all_but_hidden_ones() -> None:
    with pytest.raises(UsageError) as near:
        select(ASSIGNMENT, ["reap"])
    assert near.value.fix == "did you mean `reaps`?"
    with pytest.raises(UsageError) as far:
        select(ASSIGNMENT, ["xyz"])
    assert far.value.fix == "checks of this assignment: prints, reaps, removes"


def test_a_scenario_is_hidden_if_only_hidden_checks_look_at_it() -> None:
    assert hidden_scenarios(ASSIGNMENT) == {"secret"}
