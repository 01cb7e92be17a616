"""Owns which calls of a run's programs stop for the supervisor, and which are refused.

What it needs is imported when it is asked: a compiler is at work by then (see `scenario`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from grader.kernel.launch import REFUSED, REFUSED_ARGUMENTS, REFUSED_IN_BUILDS
from grader.kernel.seccomp import build_filter
from grader.run.spec import Isolation

if TYPE_CHECKING:
    from grader.kernel.rows import Row


@cache
def traced_calls(*, observed: bool) -> dict[str, Row]:
    """The system calls that stop for the supervisor, by name: none in a build."""
    if not observed:
        return {}
    from grader.kernel.table import TABLE

    return TABLE


@cache
def filter_program(tier: Isolation, *, observed: bool) -> bytes:
    """The seccomp filter of a run's programs. A caller that asks before it forks supervisors has it
    made once for all of them."""
    traced = tuple(traced_calls(observed=observed))
    refused = REFUSED if observed else REFUSED | REFUSED_IN_BUILDS
    if tier == "namespaces":
        return build_filter(traced, refused, REFUSED_ARGUMENTS)
    from grader.run.guard import GUARDED
    from grader.run.shared import REFUSED_CALLS_WHERE_SHARED, REFUSED_WHERE_SHARED

    refused = refused | REFUSED_CALLS_WHERE_SHARED
    return build_filter((*traced, *GUARDED), refused, (*REFUSED_ARGUMENTS, *REFUSED_WHERE_SHARED))
