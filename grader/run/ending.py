"""Owns how a scenario ended."""

from __future__ import annotations

import msgspec

from grader.trace.model import Outcome, Wait


class Ending(msgspec.Struct, frozen=True):
    """outcome and limit as in the report; waits: the wait-for graph of a deadlock."""

    outcome: Outcome
    limit: str | None = None
    detail: str = ""
    waits: tuple[Wait, ...] = ()
