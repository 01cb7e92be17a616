"""Owns the system-call table: every call we observe, from the decoder families."""

from __future__ import annotations

from grader.kernel.decode import descriptors, io, process
from grader.kernel.rows import Row, nothing

TABLE: dict[str, Row] = {
    **process.ROWS,
    **descriptors.ROWS,
    **io.ROWS,
    "rt_sigreturn": Row(enter=lambda _observer, _call: False, leave=nothing),
    "restart_syscall": Row(enter=lambda _observer, _call: False, leave=nothing),
}
