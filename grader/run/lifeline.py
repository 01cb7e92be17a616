"""Owns what a process that runs scenarios does when the process that made it is gone: it ends."""

from __future__ import annotations

import signal

from grader.kernel import abi, libc


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however that came about.

    A supervisor does the same, so all that a worker started ends with the worker.
    """
    libc.prctl(abi.PR_SET_PDEATHSIG, signal.SIGKILL)
