"""Owns what one condition says about one recording: `Result`, and the objects that names stand
for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from grader.outcome import Evidence, Status

Bindings: TypeAlias = Mapping[str, str]
"""What names stand for: {"$p": "pipe1"}."""


class Result(msgspec.Struct, frozen=True):
    """One condition's verdict. message: what happened, in sentences, empty when passed.

    expected, seen: the same as short facts. choices: every way in which the names of `observe`
    can be bound (bounded), most natural first; empty for other conditions.
    """

    status: Status
    message: str = ""
    expected: str | None = None
    seen: str | None = None
    evidence: tuple[Evidence, ...] = ()
    choices: tuple[Bindings, ...] = ()

    @property
    def ok(self) -> bool:
        return self.status is Status.PASSED


def passed(evidence: Iterable[Evidence] = (), *, choices: Iterable[Bindings] = ()) -> Result:
    """The condition is met."""
    return Result(Status.PASSED, evidence=tuple(evidence), choices=tuple(choices))


def failed(
    message: str,
    *,
    expected: str | None = None,
    seen: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Result:
    """The program did not do what the condition asks for."""
    return Result(Status.FAILED, message, expected, seen, tuple(evidence))


def skipped(message: str) -> Result:
    """It can't be judged, because the scenario did not come so far."""
    return Result(Status.SKIPPED, message)


def broken(message: str) -> Result:
    """The check itself is at fault: it asks for something that its scenario does not have."""
    return Result(Status.ERROR, f"This check can't be judged, which is not your fault: {message}")
