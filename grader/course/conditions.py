"""Owns the conditions of a check: each a small table that `grader.check` decides on a Recording."""

from __future__ import annotations

from typing import Literal

import msgspec


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that an instructor writes: unknown keys are errors."""


class Pattern(Closed, frozen=True, kw_only=True):
    """One event to look for. `$name` as object binds to an object, the same in all patterns.

    by: a process id, `*` for any, or `main.*` for any child of main. total: the matching
    events (of that process on that object) move so many bytes in all. data: they move exactly
    this text in all. Other keys compare with Event.args. Counts and totals may be placeholders.
    """

    event: str
    by: str = "*"
    object: str | None = None
    total: int | str | None = None
    data: str | None = None
    errno: str | None = None
    args: dict[str, int | str | bool] = {}
    count: int | str | None = None
    """Exactly so many such events."""


class Text(Closed, frozen=True, kw_only=True):
    """What one actor printed. Exactly one of is, lines, pattern, empty is set.

    of: the actor, needed where a scenario has several.
    """

    of: str | None = None
    exactly: str | None = None
    lines: list[str] | None = None
    any_order: list[str] | None = None
    pattern: str | None = None
    empty: bool | None = None


class Closing(Closed, frozen=True, kw_only=True):
    """A process must itself close its end of the object (not leave it to its exit)."""

    by: str
    object: str
    end: Literal["read", "write"]


class Exit(Closed, frozen=True, kw_only=True):
    """How an actor ended: a status, a signal name, or any failure ("nonzero")."""

    of: str | None = None
    status: int | None = None
    signal: str | None = None
    nonzero: bool | None = None


class Reaped(Closed, frozen=True, kw_only=True):
    """Children of `by` were waited for by it. count: exactly so many children (None: any)."""

    by: str = "main"
    count: int | str | None = None


class Conditions(Closed, frozen=True, kw_only=True):
    """The conditions that a check may combine; it passes when every one that is set is met."""

    observe: list[Pattern] | None = None
    """These events, in this order."""
    absent: list[Pattern] | None = None
    """No such event anywhere (outside the interpreter's start-up)."""
    stdout: str | Text | list[Text] | None = None
    stderr: str | Text | list[Text] | None = None
    exit: int | Exit | list[Exit] | None = None
    closed: list[Closing] | None = None
    """With `$name` objects that `observe` bound."""
    reaped: Reaped | None = None
    residue: Literal["none"] | None = None
