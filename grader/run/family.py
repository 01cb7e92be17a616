"""Owns the freezing of one observed process into data."""

from __future__ import annotations

from grader.kernel.tracee import Proc
from grader.trace.model import Process


def frozen(process: Proc) -> Process:
    """One process of the family as data."""
    return Process(
        id=process.id,
        parent=process.parent.id if process.parent is not None else None,
        argv=list(process.argv),
        exit=process.exit,
        actor=process.actor,
        pid=process.inner_pid,
        started_us=process.started_us,
        ended_us=process.ended_us,
        reaped_by=process.reaped_by,
        cpu_ms=process.cpu_us // 1000,
        threads=process.threads,
    )
