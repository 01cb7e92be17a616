"""Owns the stops of tracees: what each one means, and that its thread goes on.

ptrace(2): seccomp stops open a call, syscall-exit stops close it. A tracee may vanish at any moment
(ESRCH): its exit report then settles it.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from grader.kernel import abi, delivery, hold, interruption, libc, lives
from grader.kernel.rows import Row
from grader.kernel.tracee import Call, Task
from grader.trace.names import signal_name

if TYPE_CHECKING:
    from grader.kernel.observer import Observer

_SYSCALL_STATUS = 0x7F | (signal.SIGTRAP | 0x80) << 8
_SECCOMP_STATUS = 0x7F | signal.SIGTRAP << 8 | abi.PTRACE_EVENT_SECCOMP << 16
_FORKS = (abi.PTRACE_EVENT_FORK, abi.PTRACE_EVENT_VFORK, abi.PTRACE_EVENT_CLONE)
_STOPPING = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
_NO_ROW = Row()


def handle(observer: Observer, tid: int, status: int) -> None:
    """What waitpid(2) told of one thread: a stop, after which it goes on, or its end."""
    task = observer.tasks.get(tid)
    if task is None:
        if os.WIFSTOPPED(status):
            # a new child's first stop before its parent's fork event: it waits for its name
            observer.early[tid] = status
            lives.take_in(observer)
        else:
            observer.early.pop(tid, None)
    elif status == _SECCOMP_STATUS:
        _enter(observer, task)
    elif status == _SYSCALL_STATUS:
        _leave(observer, task)
    elif os.WIFSTOPPED(status):
        _other(observer, task, status >> 16, (status >> 8) & 0xFF)
    else:
        lives.ended(observer, task, status)


def _other(observer: Observer, task: Task, event: int, number: int) -> None:
    if event == 0:
        if task.proc.quiet:
            # being traced, PID 1 loses the kernel's protection from signals that stop it
            wanted = number == signal.SIGCHLD
        else:
            wanted = delivery.delivered(observer, task, number)
        _resume(task, number if wanted else 0)
    elif event in _FORKS:
        child = lives.forked(observer, task, event)
        _resume(task)
        if child is not None and observer.early.pop(child, None) is not None:
            _begin(observer, observer.tasks[child])
    elif event == abi.PTRACE_EVENT_EXEC:
        lives.executed(observer, task)
        _resume(task)
    elif event == abi.PTRACE_EVENT_EXIT:
        lives.exiting(observer, task)
        _resume(task)
    elif event == abi.PTRACE_EVENT_STOP and number in _STOPPING:
        if not any(other.stopped for other in task.proc.tasks.values()):
            observer.emit_plain(task.proc, "signal.stop", args={"signal": signal_name(number)})
        task.stopped = True
        libc.ptrace(abi.PTRACE_LISTEN, task.tid)
    else:
        if not task.begun and not task.stopped:
            _begin(observer, task)
            return
        if task.stopped:
            task.stopped = False
            if not any(other.stopped for other in task.proc.tasks.values()):
                observer.emit_plain(task.proc, "signal.continue")
        _resume(task)


def _begin(observer: Observer, task: Task) -> None:
    """The first stop of a newborn, which its maker has told of."""
    task.begun = True
    if observer.newborn is not None:
        observer.newborn[task.tid] = task
    else:
        _resume(task)


def _resume(task: Task, signal_number: int = 0) -> None:
    request = abi.PTRACE_SYSCALL if task.call is not None else abi.PTRACE_CONT
    libc.resume(request, task.tid, signal_number)


def _enter(observer: Observer, task: Task) -> None:
    info = libc.syscall_info(task.tid)
    if info is None:
        return
    _op, _arch, address, stack, number, *args = abi.SYSCALL_INFO_ENTRY.unpack_from(info)
    name, row = observer.rows.get(number, ("", _NO_ROW))
    if task.interrupted and interruption.made_again(observer, task, name, address, stack):
        _resume(task)
        return
    call = Call(task, name, args, row, address, stack, time.monotonic_ns())
    if observer.guard is not None and (code := observer.guard(call)) is not None:
        hold.refuse(call, code)
    if not row.enter(observer, call):
        task.call = None
        libc.resume(abi.PTRACE_CONT, task.tid)
        return
    task.call = call
    if observer.hold is not None and observer.hold(call):
        task.held = number if hold.skip(call) else None
    libc.resume(abi.PTRACE_SYSCALL, task.tid)


def _leave(observer: Observer, task: Task) -> None:
    call = task.call
    task.call = None
    if call is None:
        _resume(task)
        return
    info = libc.syscall_info(task.tid)
    if info is None:
        return
    op, _arch, _address, _stack, value, _error = abi.SYSCALL_INFO_EXIT.unpack_from(info)
    if task.held is not None:
        hold.rewind(call, task.held)
        task.held = None
        _resume(task)
        return
    if op != abi.PTRACE_SYSCALL_INFO_EXIT:
        task.call = call
        _resume(task)
        return
    if not interruption.broken_off(call, value):
        call.result = value
        if call.row.blocked is not None:
            observer.causes_first(task)
        call.row.leave(observer, call)
    if observer.early:  # whoever else might have told of them has returned
        lives.take_in(observer)
    _resume(task)
