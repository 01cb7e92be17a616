"""Owns which calls of a run's programs stop for the supervisor, and which are refused."""

from __future__ import annotations

import errno
from functools import cache

from grader.kernel.launch import REFUSED, REFUSED_ARGUMENTS, REFUSED_IN_BUILDS
from grader.kernel.seccomp import RefusedArgument, build_filter
from grader.kernel.table import TABLE
from grader.run.guard import GUARDED
from grader.run.spec import Isolation

_REFUSED_WHERE_SHARED = (
    # F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP: have the kernel signal a stranger
    RefusedArgument("fcntl", 1, errno.EPERM, values=(8, 15)),
    RefusedArgument("ioctl", 1, errno.EPERM, values=(0x8901, 0x8902)),
    # AF_NETLINK tells about the machine's own network
    RefusedArgument("socket", 0, errno.EAFNOSUPPORT, values=(16,)),
)
"""Where the system is the machine's own."""


@cache
def filter_program(tier: Isolation, *, observed: bool) -> bytes:
    """The seccomp filter of a run's programs. A caller that asks before it forks supervisors has it
    made once for all of them."""
    traced = tuple(TABLE) if observed else ()
    refused = REFUSED if observed else REFUSED | REFUSED_IN_BUILDS
    if tier == "namespaces":
        return build_filter(traced, refused, REFUSED_ARGUMENTS)
    arguments = (*REFUSED_ARGUMENTS, *_REFUSED_WHERE_SHARED)
    return build_filter((*traced, *GUARDED), refused, arguments)
