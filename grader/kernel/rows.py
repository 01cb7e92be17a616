"""Owns what a row of the system-call table is; the decoder families fill the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from grader.trace.model import Holder

if TYPE_CHECKING:
    from grader.kernel.objects import Descriptor
    from grader.kernel.observer import Observer
    from grader.kernel.tracee import Call, Proc, Task


GRADER = Holder(process="grader")
"""Who could act but is not observed: the grader itself, or whoever started `grade trace`."""


class Blocked(msgspec.Struct, frozen=True):
    """What a call that sleeps in the kernel waits for.

    needs: in words ("data or end of file"). holders: who could end the wait, by the kernel's
    own tables at this moment. timed: True if a timer ends it, so it proves nothing. private: True
    if nobody who is not observed could end it, not even by a signal. parts: where a call waits for
    any of several things, each of them by itself.
    """

    needs: str
    holders: tuple[Holder, ...] = ()
    object: str | None = None
    fd: int | None = None
    timed: bool = False
    private: bool = False
    parts: tuple[Blocked, ...] = ()


def always(_observer: Observer, _call: Call) -> bool:
    """Entry decision of rows whose return always matters."""
    return True


def nothing(_observer: Observer, _call: Call) -> None:
    """Return handler of rows that make no event."""


class Row(msgspec.Struct, frozen=True):
    """How one call is observed.

    enter: at the entry stop; False means that its return does not matter and costs no stop.
    leave: at the return, makes the event. blocked: asked only when everything sleeps; None from
    it, or no function at all, means that nothing can be proven of a process inside this call.
    ending: once for each process whose memory goes, before it does where the kernel lets us
    ("exit") or right after ("execve"); rows of one family share one function.
    closing: likewise, for each descriptor of interest that a process no longer has; the call says
    how it went ("close", "dup2", "execve", "exit").
    delivered: for each signal that a thread is about to get, with its number, si_code and si_pid;
    rows of one family share one function.
    cut: where the process ended inside the call.
    gives: whether it may end the wait of another call, and is told before that one.
    """

    leave: Callable[[Observer, Call], None] = nothing
    enter: Callable[[Observer, Call], bool] = always
    blocked: Callable[[Observer, Call], Blocked | None] | None = None
    ending: Callable[[Observer, Proc, str], None] | None = None
    closing: Callable[[Observer, Proc, Descriptor, str], None] | None = None
    delivered: Callable[[Observer, Task, int, int, int], None] | None = None
    cut: Callable[[Observer, Call], None] = nothing
    gives: bool = False


def first_of(*rows: Row) -> Row:
    """The row of a call that several families observe: the first that takes an entry keeps it."""

    def enter(observer: Observer, call: Call) -> bool:
        for row in rows:
            if row.enter(observer, call):
                call.row = row
                return True
        return False

    endings = [row.ending for row in rows if row.ending is not None]
    closings = [row.closing for row in rows if row.closing is not None]
    assert len(endings) < 2 and len(closings) < 2, "one family a call may watch ends"
    return Row(
        enter=enter,
        ending=endings[0] if endings else None,
        closing=closings[0] if closings else None,
    )


def merged(*families: Mapping[str, Row]) -> dict[str, Row]:
    """One table of several families; a call that is in more than one asks them in this order."""
    rows: dict[str, list[Row]] = {}
    for family in families:
        for name, row in family.items():
            rows.setdefault(name, []).append(row)
    return {name: own[0] if len(own) == 1 else first_of(*own) for name, own in rows.items()}
