"""Owns bringing the threads of a run to a stop at its end, so that their registers can be read.
Nothing is resumed afterwards: everything is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

from grader.kernel import abi, libc, proc
from grader.kernel.tracee import Task

_LONGEST = 0.05
"""Seconds. A running or sleeping thread stops within microseconds."""
_STOPPABLE = "RS"
"""States of threads that stop when asked; the others have stopped, ended or cannot be woken."""


def halt(tasks: Iterable[Task]) -> None:
    """Stop these threads (PTRACE_INTERRUPT) and wait for it. SIGCHLD must be blocked."""
    waiting: set[int] = set()
    for task in tasks:
        known = proc.stat(task.tid)
        if known is not None and known.state in _STOPPABLE:
            libc.ptrace(abi.PTRACE_INTERRUPT, task.tid)
            waiting.add(task.tid)
    until = time.monotonic() + _LONGEST
    while True:
        waiting = {tid for tid in waiting if not _reported(tid)}
        left = until - time.monotonic()
        if not waiting or left <= 0:
            return
        signal.sigtimedwait({signal.SIGCHLD}, left)


def _reported(tid: int) -> bool:
    """Whether a thread has stopped or ended by now."""
    try:
        return bool(os.waitpid(tid, os.WNOHANG | abi.WALL)[0])
    except ChildProcessError:
        return True
