"""Owns the end of all that a tracer has: killed, and reaped until the kernel says none is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress

from grader.kernel import abi, libc


def end_all(tids: Iterable[int]) -> None:
    """Kill these, all of them traced by us or our children, and wait for every child to end."""
    for tid in tids:
        _kill(tid)
        libc.ptrace(abi.PTRACE_CONT, tid)  # a stop at its exit outlasts even SIGKILL
    while True:
        try:
            tid, status = os.waitpid(-1, abi.WALL)
        except ChildProcessError:
            break
        if os.WIFSTOPPED(status):
            _kill(tid)  # a child that was born meanwhile
            libc.ptrace(abi.PTRACE_CONT, tid)  # the last stop before an exit waits for us


def _kill(tid: int) -> None:
    """Not reaped by us yet, so the number is still its own."""
    if tid:
        with suppress(ProcessLookupError):
            os.kill(tid, signal.SIGKILL)
