"""Owns the proof that nothing can move any more: every task asleep in a call that only another
task could end, no timer armed. Asked of the kernel, twice, so that no one moved meanwhile."""

from __future__ import annotations

import msgspec

from grader.kernel import lives, proc
from grader.kernel.calling import NOWHERE
from grader.kernel.decode import signals, timers
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked
from grader.kernel.tracee import Task
from grader.trace.model import STOPPED, Holder, Wait

_IN_A_STOP = frozenset("Tt")


class Standstill(msgspec.Struct, frozen=True):
    """No task can run at this moment. proven: waits of the wait-for graph if nothing but one of
    these tasks could end it (deadlock); None if a timer or something unknown still may.
    reachable: of those what somebody who is not observed might end too, each of several things that
    one call waits for by itself."""

    waits: tuple[Wait, ...] | None
    reachable: tuple[Wait, ...] = ()


def armed_timers(observer: Observer) -> bool:
    """Whether a timer that signals a process or ends a wait is running."""
    return any(timers.armed(process) for process in observer.live())


def standstill(observer: Observer) -> Standstill | None:
    """None while any task may run."""
    tasks = [t for t in observer.tasks.values() if not t.proc.quiet and not lives.has_ended(t)]
    if not all(task.call is not None or task.stopped for task in tasks):
        return None
    before = _snapshot(observer, tasks)
    if before is None:
        return None
    still = _waits(observer, tasks)
    if _snapshot(observer, tasks) != before or observer.collect():
        return None
    return still


def asleep(observer: Observer, tasks: list[Task]) -> bool:
    """Whether all of these sleep in the kernel, no stop of theirs is waiting for us, and none of
    them woke another one while we looked."""
    before = _snapshot(observer, tasks)
    return before is not None and _snapshot(observer, tasks) == before


def _snapshot(observer: Observer, tasks: list[Task]) -> list[str] | None:
    """Context-switch counters of tasks that all sleep; None if one of them does not.

    Twice the same: nobody ran in between, for who goes to sleep counts a switch.
    """
    seen: list[str] = []
    for task in tasks:
        if not proc.inactive(task.tid):
            return None
        fields = proc.status(task.tid)
        if not fields:
            return None
        if not _sleeps(observer, task, fields["State"][0]):
            return None
        voluntary = fields.get("voluntary_ctxt_switches", "")
        seen.append(f"{task.tid} {voluntary} {fields.get('nonvoluntary_ctxt_switches', '')}")
    return seen


def _sleeps(observer: Observer, task: Task, state: str) -> bool:
    """Whether this state is one that only somebody else ends. In a stop that is not a group-stop
    (t) a thread waits for us; an uninterruptible sleep (D) is short, but for the one of a parent
    until its vfork child lets it go."""
    if task.stopped:
        return state in _IN_A_STOP
    if state == "D" and task.call is not None:
        return lives.vfork_child(observer, task.call) is not None
    return state == "S"


def _waits(observer: Observer, tasks: list[Task]) -> Standstill:
    waits: list[Wait] = []
    reachable: list[Wait] = []
    provable = not armed_timers(observer)
    for task in tasks:
        call = task.call
        if call is None:
            waits.append(stopped(observer, task))
            reachable.append(waits[-1])
            continue
        blocked = call.row.blocked(observer, call) if call.row.blocked else None
        if blocked is None or blocked.timed:
            provable = False
            continue
        waits.append(wait_of(observer, task, blocked))
        if blocked.parts:
            reachable += [wait_of(observer, task, part) for part in blocked.parts]
        elif not blocked.private:
            reachable.append(waits[-1])
    return Standstill(tuple(waits) if provable else None, tuple(reachable))


def stopped(observer: Observer, task: Task) -> Wait:
    """A thread in a group-stop: whoever may signal its process could continue it."""
    return wait_of(observer, task, Blocked("SIGCONT", signals.senders(observer, task.proc)))


def wait_of(observer: Observer, task: Task, blocked: Blocked) -> Wait:
    """One edge of the wait-for graph: what a sleeping or stopped thread waits for, and where."""
    process, call = task.proc, task.call
    # as one of many who could act, a process whose only thread sleeps here is none
    several = sum(not other.exiting for other in process.tasks.values()) > 1
    holders: list[Holder] = [
        holder
        for holder in blocked.holders
        if holder.fd is not None or holder.process != process.id or several
    ]
    address, source = observer.call_place(call) if call is not None else NOWHERE
    return Wait(
        process=task.proc.id,
        call=call.name if call is not None else STOPPED,
        needs=blocked.needs,
        object=blocked.object,
        fd=blocked.fd,
        thread=task.index,
        holders=holders,
        address=address,
        source=source,
    )
