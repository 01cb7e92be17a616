"""Owns the steps of a scenario: a closed set, told apart in YAML by their first key."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class StepBase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all steps."""

    @property
    def introduces(self) -> list[str]:
        """Names of the actors that this step brings into the scenario."""
        return []

    @property
    def mentions(self) -> list[str]:
        """Names of actors that must be there before this step."""
        return []


class Start(StepBase, frozen=True, kw_only=True, tag_field="step", tag="start"):
    """Start a program as an actor. stdin: its whole input; None leaves it empty."""

    start: str
    as_: str | None = msgspec.field(default=None, name="as")
    args: list[str] = []
    stdin: str | None = None
    files: dict[str, str] = {}
    """Files made in the work folder before the start: name to content."""

    @property
    def actor(self) -> str:
        return self.as_ or self.start

    @property
    def introduces(self) -> list[str]:
        return [self.actor]


class Finish(StepBase, frozen=True, kw_only=True, tag_field="step", tag="finish"):
    """Wait until these actors have exited."""

    finish: str | list[str]

    @property
    def actors(self) -> list[str]:
        return [self.finish] if isinstance(self.finish, str) else self.finish

    @property
    def mentions(self) -> list[str]:
        return self.actors


Step: TypeAlias = Start | Finish
STEPS: dict[str, type[StepBase]] = {"start": Start, "finish": Finish}
"""The key that tells a step apart, and its type."""
