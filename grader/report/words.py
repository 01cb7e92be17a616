"""Owns how amounts, times and endings of processes are put into words, the same in all reports."""

from __future__ import annotations

import errno as errno_names
import os

from grader.trace.model import ExitOf


def count(number: int, noun: str) -> str:
    """`1 byte`, `2 bytes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


BLOCKED_US = 1000
"""A call that returned sooner than this did not wait for anybody."""


def size(number: int) -> str:
    """Bytes as a person says them: `20 bytes`, `64.0 KiB`, `1.0 MiB`."""
    for unit, bytes in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number >= bytes:
            return f"{number / bytes:.1f} {unit}"
    return count(number, "byte")


def points(value: float) -> str:
    """`2`, `2.5`."""
    return f"{value:g}"


def duration(us: int) -> str:
    """Microseconds as a person says them: `850 µs`, `35 ms`, `1.2 s`."""
    if us < 1000:
        return f"{us} µs"
    if us < 1_000_000:
        return f"{us / 1000:.0f} ms"
    return f"{us / 1_000_000:.1f} s"


_MEANINGS = {
    "SIGSEGV": "a segmentation fault",
    "SIGBUS": "a bus error",
    "SIGFPE": "an arithmetic error",
    "SIGABRT": "it gave up: abort",
    "SIGILL": "an illegal instruction",
    "SIGPIPE": "it wrote where nobody reads",
}
"""What signals that nobody sent mean."""


def ending(exit: ExitOf) -> str:
    """How a process ended: a status, a signal, or not at all."""
    match exit:
        case None:
            return "still running at the end"
        case int():
            return f"exit status {exit}"
        case str():
            meaning = f" ({_MEANINGS[exit]})" if exit in _MEANINGS else ""
            return f"killed by {exit}{meaning}"


def error(name: str) -> str:
    """`EPIPE (Broken pipe)`."""
    number = getattr(errno_names, name, None)
    return f"{name} ({os.strerror(number)})" if isinstance(number, int) else name
