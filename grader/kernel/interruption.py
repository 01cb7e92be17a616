"""Owns calls that a signal breaks off: which of them are made again, so that each is told once.

The kernel decides when it delivers the signal (signal(7), "Interruption of system calls"; the
restart codes of include/linux/errno.h), by what we know there: the code that the call returned and
whether the handler was installed with SA_RESTART.
"""

from __future__ import annotations

import errno
import signal
import time
from typing import TYPE_CHECKING

from grader.kernel import abi, hold, seccomp
from grader.kernel.tracee import Call, Task

if TYPE_CHECKING:
    from grader.kernel.observer import Observer

RESTARTING = "restarting"
"""Proc.state: the signals whose handlers were installed with SA_RESTART."""

# Tracing itself makes a signal wake its target that the kernel would otherwise discard, because
# the tracer is told of it (sig_ignored in kernel/signal.c). Of what can sleep, only these calls
# then fail with EINTR instead of going on. They are made again, a time limit beginning anew.
_CUT_SHORT = frozenset(
    "semop semtimedop epoll_wait epoll_pwait epoll_pwait2 rt_sigtimedwait"
    " accept accept4 recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg"
    " read readv write writev".split()
)
"""Sockets: where they have a time limit (SO_RCVTIMEO, SO_SNDTIMEO)."""
_MADE_AGAIN = -1
"""Call.interruption of such a call on its way back."""
_DISCARDED = frozenset((signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH))
"""Signals whose default action is to do nothing (signal(7))."""

_FRAME = 1024
"""At least so many bytes of stack the kernel takes to call a handler (struct rt_sigframe and the
floating-point state on x86-64, struct rt_sigframe alone on aarch64)."""


def broken_off(call: Call, value: int) -> bool:
    """At the exit stop: whether what comes next decides if the call is over. value: its result."""
    if -value not in abi.ERESTART and not (value == -errno.EINTR and call.name in _CUT_SHORT):
        return False
    call.left_ns = time.monotonic_ns()
    call.interruption = -value
    call.task.interrupted.append(call)
    return True


def at_signal(observer: Observer, task: Task, number: int, action: str) -> bool:
    """A signal is about to be delivered. False if it is to be kept from the thread, since nothing
    but our watching made it more than discarded."""
    call = task.interrupted[-1] if task.interrupted else None
    if call is None:
        return True
    if action == "handler":
        if not call.handlers and not _survives(call, number):
            _failed(observer, task)
            call = task.interrupted[-1] if task.interrupted else None
        if call is not None:
            call.handlers += 1
        return True
    if call.interruption not in (errno.EINTR, _MADE_AGAIN):
        return True
    discarded = action == "ignored" or number in _DISCARDED
    if discarded and hold.rewind(call, seccomp.number(call.name) or 0):
        call.interruption = _MADE_AGAIN
        return False
    if call.interruption == _MADE_AGAIN:
        hold.fail(call, errno.EINTR)
    _failed(observer, task)
    return True


def _survives(call: Call, number: int) -> bool:
    """Whether the kernel makes a call again after this handler has returned."""
    if call.interruption == _MADE_AGAIN:
        hold.fail(call, errno.EINTR)
        return False
    if call.interruption == abi.ERESTARTSYS:
        return number in call.task.proc.state.get(RESTARTING, ())
    return call.interruption == abi.ERESTARTNOINTR


def made_again(observer: Observer, task: Task, name: str, address: int, stack: int) -> bool:
    """At an entry stop: True if this is an interrupted call again; tells of those that are not to
    come any more."""
    while task.interrupted:
        call = task.interrupted[-1]
        if call.handlers:
            if name == "rt_sigreturn":
                call.handlers -= 1
                return False
            if stack < call.stack - _FRAME or stack in task.other_stack:
                return False  # inside the handler
        elif (
            call.interruption != errno.EINTR
            and stack == call.stack
            and (name == "restart_syscall" or (name == call.name and address == call.address))
        ):
            task.interrupted.pop()
            call.left_ns = None
            call.interruption = 0
            task.call = call
            return True
        _failed(observer, task)
    return False


def ended(observer: Observer, task: Task) -> None:
    """The thread is gone: nothing that was broken off comes back."""
    while task.interrupted:
        _failed(observer, task)


def _failed(observer: Observer, task: Task) -> None:
    """The innermost interrupted call has failed, or a jump out of the handler left it behind."""
    call = task.interrupted.pop()
    call.result = -errno.EINTR
    call.row.leave(observer, call)
