"""Owns an assignment's file as a whole: all that is wrong with it, whatever else is.

What a broken part means cannot be told, but all else can: a check with a misspelt key does not
hide that another one names a scenario that there is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from grader.course.decode import TakenApart, in_order, take_apart
from grader.course.meaning import NO_LIMITS, assignment_problems
from grader.course.model import Assignment, Limits, PythonFile
from grader.course.python_checks import python_problems, read_python
from grader.course.yaml import Document, Plain, YamlPath
from grader.errors import CourseError, Problem

_STAND_IN_SCENARIO: dict[str, Plain] = {"run": []}
_STAND_IN_CHECK: dict[str, Plain] = {"id": "x", "title": "", "points": 0, "scenario": []}


class Assessed(msgspec.Struct, frozen=True):
    """What a document and the Python files beside it say, and all problems of them.

    data: the assignment as far as it can be made out, with stand-ins for what is broken; None if
    the frame itself is, so that nothing more can be said. broken: scenarios and checks with a
    stand-in, such as ("checks", 3).
    """

    data: Assignment | None
    problems: list[Problem]
    broken: frozenset[YamlPath] = frozenset()
    python: dict[str, PythonFile] = {}


def assess(document: Document, folder: Path, most: Limits = NO_LIMITS) -> Assessed:
    """The assignment in this document. Its Python checks, in this folder, are run. most: what its
    limits may be at most."""
    taken = take_apart(document, Assignment)
    parts = (("checks",), ("scenarios",))
    broken = frozenset(path[:2] for path, _ in taken.noted if path[:1] in parts)
    data = _made_out(taken, broken)
    if data is None:
        return Assessed(None, taken.problems)
    problems = in_order([*taken.problems, *assignment_problems(document, data, most, broken)])
    python: dict[str, PythonFile] = {}
    try:
        python = read_python(folder, data)
        problems += python_problems(document, data, python)
    except CourseError as error:
        problems += error.problems
    return Assessed(data, problems, broken, python)


def _made_out(taken: TakenApart, broken: frozenset[YamlPath]) -> Assignment | None:
    if not isinstance(taken.value, dict):
        return None
    value: dict[str, Any] = {"title": "", **taken.value}
    for path, _ in taken.noted:
        match path[:1]:
            case ("limits" | "points" | "version",):
                value.pop(str(path[0]), None)
            case ("title",):
                value["title"] = ""
    for part, stand_in in (("scenarios", _STAND_IN_SCENARIO), ("checks", _STAND_IN_CHECK)):
        keys = [path[1] for path in broken if path[0] == part and len(path) == 2]
        if keys and isinstance(value.get(part), dict | list):
            value[part] = value[part].copy()
            for key in keys:
                value[part][key] = stand_in
    try:
        data = msgspec.convert(value, Assignment)
    except msgspec.ValidationError:
        return None
    return _with_ids(data, taken.value.get("checks"), broken)


def _with_ids(data: Assignment, written: Plain, broken: frozenset[YamlPath]) -> Assignment:
    """Broken checks keep the ids that others may need them by."""
    checks = list(data.checks)
    for index, check in enumerate(checks):
        raw = written[index] if isinstance(written, list) else None
        id = raw.get("id") if isinstance(raw, dict) else None
        if ("checks", index) in broken:
            id = id if isinstance(id, str) else f"check {index + 1}"
            checks[index] = msgspec.structs.replace(check, id=id)
    return msgspec.structs.replace(data, checks=checks)
