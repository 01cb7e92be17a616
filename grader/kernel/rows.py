"""Owns what a row of the system-call table is; the decoder families fill the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.trace.model import Holder

if TYPE_CHECKING:
    from grader.kernel.observer import Observer
    from grader.kernel.tracee import Call, Proc


@dataclass(frozen=True, slots=True)
class Blocked:
    """What a call that sleeps in the kernel waits for.

    needs: in words ("data or end of file"). holders: who could end the wait, by the kernel's
    own tables at this moment. timed: True if a timer ends it, so it proves nothing.
    """

    needs: str
    holders: tuple[Holder, ...] = ()
    object: str | None = None
    fd: int | None = None
    timed: bool = False


def always(_observer: Observer, _call: Call) -> bool:
    """Entry decision of rows whose return always matters."""
    return True


def nothing(_observer: Observer, _call: Call) -> None:
    """Return handler of rows that make no event."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one call is observed.

    enter: at the entry stop; False means that its return does not matter and costs no stop.
    leave: at the return, makes the event. blocked: asked only when everything sleeps; None from
    it, or no function at all, means that nothing can be proven of a process inside this call.
    ending: once for each process whose memory goes, before it does where the kernel lets us
    ("exit") or right after ("execve"); rows of one family share one function.
    """

    leave: Callable[[Observer, Call], None] = nothing
    enter: Callable[[Observer, Call], bool] = always
    blocked: Callable[[Observer, Call], Blocked | None] | None = None
    ending: Callable[[Observer, Proc, str], None] | None = None
