"""Owns the table of all kinds of steps, one runner class a kind."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from grader.course.object_steps import Read
from grader.course.step_base import StepBase
from grader.run.http import HTTP_RUNNERS
from grader.run.partners import PARTNER_RUNNERS
from grader.run.reading import Reading
from grader.run.runner import Runner
from grader.run.stage import ACTOR_RUNNERS
from grader.run.talks import TALK_RUNNERS

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor

_TABLE: dict[type[StepBase], Callable[[Supervisor, Any], Runner]] = {
    **ACTOR_RUNNERS,
    **TALK_RUNNERS,
    **HTTP_RUNNERS,
    **PARTNER_RUNNERS,
    Read: Reading,
}
RUNNERS = MappingProxyType(_TABLE)
"""How each kind of step is played."""
