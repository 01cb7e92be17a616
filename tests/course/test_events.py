"""The events that a course may ask for are those that the observer makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from grader.course.events import EVENTS, FAMILIES, FORESEEN, SLEEPING
from grader.kernel.decode.io import FAMILY, event_of
from grader.kernel.entering import SIMPLE

GRADER = Path(__file__).parents[2] / "grader"
NAME = re.compile(rf"({'|'.join(sorted(FAMILIES))})\.[a-z]+")


def nodes() -> Iterator[ast.AST]:
    for folder in ("kernel", "run"):
        for path in (GRADER / folder).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text()))


def spelled_out() -> set[str]:
    """Event names that stand in the source as they are."""
    texts = (node.value for node in nodes() if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and NAME.fullmatch(text)}


def put_together() -> set[str]:
    r"""Actions of names like f"{kind}.open", and of `event_of(kind, "read")` with its own table."""
    actions: set[str] = {"send", "receive", "post", "wait"}
    for node in nodes():
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[-1], ast.Constant):
            if match := re.fullmatch(r"\.([a-z]+)", str(node.values[-1].value)):
                actions.add(match[1])
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "event_of":
            actions |= {one.value for one in node.args if isinstance(one, ast.Constant)}  # type: ignore[misc] # they are texts
    return actions


def test_every_event_that_the_observer_names_is_known() -> None:
    assert spelled_out() - set(EVENTS) == set()
    assert len(spelled_out()) > 60, "the search has found the names"


def test_every_action_that_is_put_together_is_known() -> None:
    known = {event.partition(".")[2] for event in EVENTS}
    assert put_together() - known == set()


def test_nothing_is_known_that_nobody_makes() -> None:
    made = spelled_out()
    actions = put_together()
    assert [e for e in EVENTS if e not in made and e.partition(".")[2] not in actions] == []


def test_what_a_step_may_come_before_is_what_is_known_at_the_entry_of_a_call() -> None:
    moving = {event_of(kind, action) for kind in FAMILY for action in ("read", "write")}
    known = {*SIMPLE, *moving, "file.open", "fifo.open", "time.wait"}
    known |= {f"{kind}.remove" for kind in ("msg", "shm", "sem")}
    assert set(FORESEEN) == known & set(EVENTS)
    assert set(SLEEPING) <= set(FORESEEN)
