"""Owns signals on their way to a thread: the event of a delivery, and who caused it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from grader.kernel import abi, interruption, libc, proc
from grader.kernel.tracee import Task
from grader.trace.model import Attribute
from grader.trace.names import signal_name

if TYPE_CHECKING:
    from grader.kernel.observer import Observer


def delivered(observer: Observer, task: Task, number: int) -> bool:
    """A signal is about to be delivered to a thread; False if it is to be kept from it."""
    raw = libc.signal_info(task.tid)
    if raw is None:
        return True
    _number, _error, code, pid, _user, value = abi.SIGINFO.unpack_from(raw)
    for told in observer.delivered:
        told(observer, task, number, code, pid)
    action = proc.signal_action(task.proc.pid, number)
    args: dict[str, Attribute] = {"signal": signal_name(number), "action": action}
    if code == abi.SI_QUEUE:
        args["value"] = value
    observer.emit_plain(
        task.proc,
        "signal.deliver",
        target=sender(observer, number, code, pid),
        thread=task.index,
        args=args,
    )
    return interruption.at_signal(observer, task, number, action)


def sender(observer: Observer, number: int, code: int, pid: int) -> str | None:
    """Who caused a signal, by si_code and si_pid: a process, "grader", None for the kernel."""
    if code not in abi.SENT and number != signal.SIGCHLD:
        return None
    known = observer.by_inner(pid)
    if known is not None and not known.quiet:
        return known.id
    # from outside of the tracees' PID namespace the kernel tells no PID
    return "grader" if known is not None or pid in (0, os.getpid()) else str(pid)
