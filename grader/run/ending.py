"""Owns how a scenario ended."""

from __future__ import annotations

from dataclasses import dataclass

from grader.trace.model import Outcome, Wait


@dataclass(frozen=True, slots=True)
class Ending:
    """outcome and limit as in the report; waits: the wait-for graph of a deadlock."""

    outcome: Outcome
    limit: str | None = None
    detail: str = ""
    waits: tuple[Wait, ...] = ()
