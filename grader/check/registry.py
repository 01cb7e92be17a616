"""Owns which function decides which condition: the keys of a check in YAML, in judging order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from grader.check.amounts import concurrent, count, cpu, memory
from grader.check.channels import channel
from grader.check.closing import closed
from grader.check.ends import exit_status, reaped, residue
from grader.check.noted import state, step
from grader.check.observe import absent, observe
from grader.check.other_channels import no_other_channel
from grader.check.printed import stderr, stdout
from grader.check.result import Bindings, Result
from grader.check.waiting import blocked_in, no_busy_waiting, no_sleep
from grader.trace.model import Recording


class Judge(Protocol):
    """Decides one condition: its value in the check, placeholders filled. Pure.

    bindings: the objects that the names in `observe` stand for.
    """

    # The value's type is the field's own in `Conditions`; each function names it.
    def __call__(self, recording: Recording, condition: Any, bindings: Bindings, /) -> Result: ...


CONDITIONS: Mapping[str, Judge] = MappingProxyType(
    {
        "observe": observe,
        "absent": absent,
        "closed": closed,
        "reaped": reaped,
        "stdout": stdout,
        "stderr": stderr,
        "exit": exit_status,
        "residue": residue,
        "step": step,
        "state": state,
        "channel": channel,
        "no_other_channel": no_other_channel,
        "count": count,
        "concurrent": concurrent,
        "no_busy_waiting": no_busy_waiting,
        "no_sleep": no_sleep,
        "blocked_in": blocked_in,
        "cpu": cpu,
        "memory": memory,
    }
)

NAMING = frozenset(("absent", "closed", "state", "channel", "no_other_channel", "count"))
"""Conditions that may speak of the objects that `observe` bound."""
