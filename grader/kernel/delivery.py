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


_TO_ITS_CAUSE = frozenset(
    (
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGTRAP,
        signal.SIGSYS,
        signal.SIGPIPE,
        signal.SIGXFSZ,
    )
)
"""Signals that go to the thread whose doing they are."""


def delivered(observer: Observer, task: Task, number: int) -> bool:
    """A signal is about to be delivered to a thread; False if it is to be kept from it."""
    raw = libc.signal_info(task.tid)
    if raw is None:
        return True
    if (first := task.redirected.pop(number, None)) is not None:
        libc.set_signal_info(task.tid, first)
        raw = first
    _number, _error, code, pid, _user, value = abi.SIGINFO.unpack_from(raw)
    action = proc.signal_action(task.proc.pid, number)
    if action == "handler" and (main := _gone_astray_from(task, number, code)) is not None:
        main.redirected[number] = raw
        if libc.signal_thread(task.proc.pid, main.tid, number):
            interruption.at_signal(observer, task, number, "ignored")
            return False
    for told in observer.delivered:
        told(observer, task, number, code, pid)
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


def _gone_astray_from(task: Task, number: int, code: int) -> Task | None:
    """The main thread, if the kernel would have had it handle this signal but for a stop of ours.

    A signal to a process goes to its main thread, unless that blocks it or is stopped, as it is
    whenever it is traced to a stop (complete_signal in kernel/signal.c). A program that sleeps
    there until its handler has run (CPython's runs nowhere else) would then sleep for ever.
    """
    main = task.proc.tasks.get(task.proc.pid)
    if main is None or main is task or main.exiting or main.stopped:
        return None
    if number in _TO_ITS_CAUSE or not (
        code in (abi.SI_USER, abi.SI_KERNEL) or number == signal.SIGCHLD
    ):
        return None
    return None if proc.blocked_signals(main.tid) >> (number - 1) & 1 else main


def sender(observer: Observer, number: int, code: int, pid: int) -> str | None:
    """Who caused a signal, by si_code and si_pid: a process, "grader", None for the kernel."""
    if code not in abi.SENT and number != signal.SIGCHLD:
        return None
    known = observer.by_inner(pid)
    if known is not None and not known.quiet:
        return known.id
    # from outside of the tracees' PID namespace the kernel tells no PID
    return "grader" if known is not None or pid in (0, os.getpid()) else str(pid)
