"""Owns what to do about a run that did not finish, where that is plain: apart from `explain`, as it
gives things away."""

from __future__ import annotations

from collections.abc import Mapping

from grader.check.explain import EXIT, by_weight, needy, object_kind, spinners
from grader.check.words import listed
from grader.trace.model import Outcome, Recording, Wait

_LIMITS: Mapping[str, str] = {
    "memory": "Look for a loop that allocates or appends without end.",
    "processes": "Check that only the parent forks: "
    "a child must leave the loop in which it was made.",
    "output": "Look for a loop around the output that does not end.",
    "files": "Look for a loop around the writing that does not end.",
    "descriptors": "Close every descriptor that is no longer used.",
    "objects": "Create each object once, before the loop, and remove it when it is done.",
    "events": "Block in one call instead of asking again and again, "
    "and move more than a byte at a time.",
}
"""What to look at, by limit."""

_BUSY = "Wait in a call that blocks instead of asking again and again in a loop."
_LOST_SIGNAL = (
    "A signal that comes before the wait begins is lost: block it first, and let the wait itself "
    "let it through (sigsuspend, sigwait)."
)


_FOR_SIGNALS = ("pause", "sigsuspend", "rt_sigsuspend", "rt_sigtimedwait", "sigwait")


def advice(recording: Recording) -> list[str]:
    """What to do, the most telling first; empty for a run that did finish."""
    if recording.outcome in (Outcome.FINISHED, Outcome.ERROR):
        return []
    found = [_remedy(recording, wait) for wait in by_weight(recording) if needy(wait)]
    if recording.limit is not None and recording.limit in _LIMITS:
        found.insert(0, _LIMITS[recording.limit])
    elif spinners(recording):
        found.insert(0, _BUSY)
    return list(dict.fromkeys(text for text in found if text is not None))[:3]


def _remedy(recording: Recording, wait: Wait) -> str | None:
    kind = object_kind(recording, wait)
    if (handled := _handled(recording, wait)) is not None:
        return (
            f"The handler for {handled} ran in {wait.process}, which waits in {wait.call} none the "
            "less: a handler that only sets a flag ends no wait, for the call begins again "
            "(SA_RESTART; Python always does so). End from the handler, or wait in one call for "
            "the signal too (signalfd, set_wakeup_fd, ppoll)."
        )
    if _missed(recording, wait):
        return _LOST_SIGNAL
    ends = {holder.end for holder in wait.holders}
    if "write" in ends and wait.object:
        who = listed(list(dict.fromkeys(holder.process for holder in wait.holders)))
        return (
            f"Close the write end of {wait.object} in {who}: in a process that only reads, before "
            "it reads; in one that writes, after its last byte and before it waits for others."
        )
    if "read" in ends and wait.object:
        who = listed(list(dict.fromkeys(holder.process for holder in wait.holders)))
        return f"Let {who} read from {wait.object} until its end before waiting for anything else."
    if wait.call.startswith(("msgsnd", "mq_send", "mq_timedsend")):
        return f"{wait.object or 'The queue'} is full: some process must receive meanwhile."
    if wait.call.startswith(("msgrcv", "mq_receive", "mq_timedreceive")):
        return "Check that a message of the type that is waited for is sent, to the same queue."
    if wait.call.startswith(("sem", "pthread_mutex")) or kind == "sem":
        return (
            "Check the initial values, that every process takes its semaphores in the same order, "
            "and that what is taken is given back on every path."
        )
    if kind == "lock" or wait.call in ("flock", "fcntl"):
        return "Release a lock as soon as the work under it is done, before waiting for others."
    if kind in ("futex", "mutex") or wait.call == "futex":
        return "Check that every path unlocks what it locked and wakes those who wait."
    if wait.call in _FOR_SIGNALS:
        if _signalled(recording, wait.process):
            return _LOST_SIGNAL
        return None if _has_other_waits(recording, wait) else _no_signal(wait.process)
    if wait.call in ("accept", "accept4", "connect") and not _let_in(recording, wait):
        return "Check that the other side connects to the same address, and that this one listens."
    return None


def _signalled(recording: Recording, process: str) -> bool:
    return any(
        event.event == "signal.deliver" and event.process == process for event in recording.events
    )


def _has_other_waits(recording: Recording, wait: Wait) -> bool:
    """Whether other threads of the process wait as well: it is only the first that is at rest."""
    return any(other is not wait and other.process == wait.process for other in recording.waits)


def _let_in(recording: Recording, wait: Wait) -> bool:
    """Whether the address is the right one: somebody was accepted there."""
    return wait.object is not None and any(
        event.event == "socket.accept" and event.args.get("listener") == wait.object
        for event in recording.events
    )


def _no_signal(process: str) -> str:
    return (
        f"No signal reached {process}: check that one is sent, that it is not blocked, and that "
        f"{process} has to wait here at all."
    )


def _handled(recording: Recording, wait: Wait) -> str | None:
    """The signal of the scenario whose handler was the last thing that the waiter did."""
    if wait.call in _FOR_SIGNALS or wait.needs.startswith(EXIT):
        return None
    own = [event for event in recording.events if event.process == wait.process]
    while own and own[-1].errno == "EINTR":
        own.pop()
    if not own or own[-1].event != "signal.deliver" or own[-1].target != "grader":
        return None
    return str(own[-1].args["signal"]) if own[-1].args.get("action") == "handler" else None


def _missed(recording: Recording, wait: Wait) -> bool:
    """Whether it waits for what its own handler should have done: nobody else could end the wait,
    and the last thing before it was a signal."""
    if {holder.process for holder in wait.holders} != {wait.process}:
        return False
    own = [event.event for event in recording.events if event.process == wait.process]
    return own[-1:] == ["signal.deliver"]
