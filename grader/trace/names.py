"""Owns the names of errors and signals, as the manual writes them."""

from __future__ import annotations

import errno
import signal

_ERRORS: dict[int, str] = {
    **errno.errorcode,
    errno.EOPNOTSUPP: "EOPNOTSUPP",
    errno.EDEADLK: "EDEADLK",
}
"""Of numbers with two names the one that system calls are documented with."""
_SIGNALS = {int(number): number.name for number in signal.Signals}


def error_name(number: int) -> str:
    """ "EPIPE" for 32; the number itself where it has no name."""
    return _ERRORS.get(number, f"errno {number}")


def signal_name(number: int) -> str:
    """ "SIGINT" for 2, "SIGRTMIN+1" for real-time signals."""
    if number in _SIGNALS and number < signal.SIGRTMIN:
        return _SIGNALS[number]
    if signal.SIGRTMIN <= number <= signal.SIGRTMAX:
        offset = number - signal.SIGRTMIN
        return f"SIGRTMIN+{offset}" if offset else "SIGRTMIN"
    return f"signal {number}"
