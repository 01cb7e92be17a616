"""Owns the user ids that runs of root have: each its own, and nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

_FIRST_ID = 1_900_000_000
"""Run ids lie from here on: above the ranges of users, containers and dynamic services."""
_MOST_PIDS = 1 << 22


def run_id() -> int | None:
    """The user and group id of this process's run: one that nobody else has. None without root, and
    where root is an ordinary user's in a container of one id: then programs run as who grades."""
    own = run_id_of(os.getpid())
    return own if os.geteuid() == 0 and is_mapped(own) else None


def is_mapped(id: int) -> bool:
    """Whether our user namespace has this user and this group (user_namespaces(7))."""
    return all(
        any(
            int(first) <= id < int(first) + int(count)
            for first, _outside, count in map(str.split, Path(table).read_text().splitlines())
        )
        for table in ("/proc/self/uid_map", "/proc/self/gid_map")
    )


def run_id_of(supervisor: int) -> int:
    """The user and group id that no other supervisor's run has."""
    return _FIRST_ID + supervisor % _MOST_PIDS


def is_run_id(uid: int) -> bool:
    """Whether some run had this id."""
    return _FIRST_ID <= uid < _FIRST_ID + _MOST_PIDS
