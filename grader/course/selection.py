"""Owns what is left of an assignment when only some of its checks are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from grader.course.decode import nearest
from grader.course.model import Assignment, Check
from grader.errors import UsageError


def select(assignment: Assignment, only: Sequence[str]) -> Assignment:
    """The assignment with these checks, those that they need, and the scenarios of both.

    UsageError: there is no check of that name.
    """
    checks = {check.id: check for check in assignment.checks}
    for id in only:
        if id not in checks:
            # What a hidden check is called is nobody's business.
            visible = [check.id for check in assignment.checks if not check.hidden]
            raise UsageError(
                f"there is no check {id!r}",
                where="--only",
                fix=nearest(id, visible, kind="checks of this assignment"),
            )
    wanted = _with_needs(checks, only)
    scenarios = {id for check in wanted for id in checks[check].scenarios}
    return msgspec.structs.replace(
        assignment,
        checks=[check for check in assignment.checks if check.id in wanted],
        scenarios={id: one for id, one in assignment.scenarios.items() if id in scenarios},
    )


def hidden_scenarios(assignment: Assignment) -> frozenset[str]:
    """The scenarios that only hidden checks look at: nothing of them is shown to students."""
    seen = {id for check in assignment.checks if not check.hidden for id in check.scenarios}
    return frozenset(assignment.scenarios.keys() - seen)


def _with_needs(checks: Mapping[str, Check], ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    open = list(ids)
    while open:
        id = open.pop()
        if id in checks and id not in found:
            found.add(id)
            open += checks[id].needs
    return found
