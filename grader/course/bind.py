"""Owns binding: a scenario of an assignment and a seed become steps without placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar, cast

import msgspec

from grader.course.conditions import Conditions, Noted, Text
from grader.course.model import Assignment, Check, VaryKind
from grader.course.steps import Step
from grader.course.vary import fill, fill_lines, values

S = TypeVar("S", bound=msgspec.Struct)


def varied(assignment: Assignment, scenario: str) -> dict[str, VaryKind]:
    """What varies in a scenario: the assignment's names, then its own. KeyError: no such one."""
    return {**assignment.vary, **assignment.scenarios[scenario].vary}


def bind(
    assignment: Assignment, scenario_id: str, seed: int
) -> tuple[tuple[Step, ...], dict[str, str]]:
    """The steps of this scenario, filled, and its values by placeholder name.

    KeyError: no such scenario.
    """
    made = values(varied(assignment, scenario_id), seed, scenario_id)
    steps = assignment.scenarios[scenario_id].run
    return tuple(fill_struct(step, made) for step in steps), made


def filled_fields(struct: msgspec.Struct) -> tuple[str, ...]:
    """The fields that may hold placeholders: of a check its conditions, not its words."""
    return Conditions.__struct_fields__ if isinstance(struct, Check) else struct.__struct_fields__


def fill_struct(struct: S, values: Mapping[str, str]) -> S:
    """This step, check or condition with every placeholder filled; numbers stay text ("120000").

    In patterns (Text, Noted) values are quoted as regular expressions. An entry of Text.lines or
    any_order that names a value of lines becomes one entry for each line.
    """
    return cast(S, _filled(struct, values))


def _filled(part: object, values: Mapping[str, str]) -> object:
    if isinstance(part, str):
        return fill(part, values)
    if isinstance(part, list):
        return [_filled(item, values) for item in part]
    if isinstance(part, dict):
        return {_filled(key, values): _filled(item, values) for key, item in part.items()}
    if isinstance(part, msgspec.Struct):
        changed = {name: _filled(getattr(part, name), values) for name in filled_fields(part)}
        if isinstance(part, Text):
            changed |= _filled_text(part, values)
        if isinstance(part, Noted):
            changed |= _filled_noted(part, values)
        return msgspec.structs.replace(part, **changed)
    return part


def _filled_text(text: Text, values: Mapping[str, str]) -> dict[str, object]:
    changed: dict[str, object] = {}
    if text.pattern is not None:
        changed["pattern"] = fill(text.pattern, values, quote=re.escape)
    for name in ("lines", "any_order"):
        templates: list[str] | None = getattr(text, name)
        if templates is not None:
            changed[name] = [
                line for template in templates for line in fill_lines(template, values)
            ]
    return changed


def _filled_noted(noted: Noted, values: Mapping[str, str]) -> dict[str, object]:
    changed: dict[str, object] = {}
    if noted.pattern is not None:
        changed["pattern"] = fill(noted.pattern, values, quote=re.escape)
    changed["matches"] = {
        name: fill(pattern, values, quote=re.escape) for name, pattern in noted.matches.items()
    }
    return changed
