"""Owns Landlock: what this kernel's version can restrict, and how a process restricts itself
(landlock(7)). Needs no privilege, holds for all descendants and can't be taken back."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

import msgspec

from grader.errors import SandboxError
from grader.kernel import abi, libc

# include/uapi/linux/landlock.h
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH, _NET_PORT = 1, 2
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_ABI = (1 << 13) - 1
_FS_SINCE = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKET, _SIGNAL = 1 << 0, 1 << 1
_NET_ABI, _SCOPE_ABI = 4, 6
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""The rights that make sense for what is no folder."""
_DEVICES = (1 << 6) | (1 << 11)
"""LANDLOCK_ACCESS_FS_MAKE_CHAR and MAKE_BLOCK: never granted."""


class Rules(msgspec.Struct, frozen=True):
    """What stays possible. Paths that don't exist are passed over.

    programs: read and executed; files: read; devices: read and written; folders: everything.
    ports: TCP ports to bind and to connect to (0: let the kernel choose one to bind).
    """

    programs: tuple[str, ...]
    files: tuple[str, ...]
    devices: tuple[str, ...]
    folders: tuple[str, ...]
    ports: frozenset[int]


def version() -> int:
    """The Landlock ABI of this kernel, 0 where there is none."""
    return max(0, libc.raw("landlock_create_ruleset", 0, 0, _VERSION))


def scopes_signals() -> bool:
    """Whether signals and abstract sockets can be kept inside (Linux 6.12)."""
    return version() >= _SCOPE_ABI


def limits_ports() -> bool:
    """Whether TCP ports can be limited (Linux 6.7)."""
    return version() >= _NET_ABI


def restrict(rules: Rules) -> None:
    """Restrict this process and its future children; no_new_privs is set on the way.

    SandboxError names the step.
    """
    known = version()
    if known == 0:
        raise SandboxError("Landlock: this kernel has none")
    handled = _FIRST_ABI
    for since, right in _FS_SINCE:
        handled |= right if known >= since else 0
    net = _BIND_TCP | _CONNECT_TCP if known >= _NET_ABI else 0
    scoped = _ABSTRACT_SOCKET | _SIGNAL if known >= _SCOPE_ABI else 0
    attributes = struct.pack("=QQQ", handled, net, scoped)
    size = 24 if known >= _SCOPE_ABI else 16 if known >= _NET_ABI else 8
    ruleset = _checked(
        "Landlock: make a rule set",
        libc.raw("landlock_create_ruleset", attributes, size, 0),
    )
    read = _READ_FILE | _READ_DIR
    _allow(ruleset, rules.programs, (read | _EXECUTE) & handled)
    _allow(ruleset, rules.files, read & handled)
    _allow(ruleset, rules.devices, (read | _WRITE_FILE | _TRUNCATE) & handled)
    _allow(ruleset, rules.folders, handled & ~_DEVICES)
    for port in rules.ports if net else ():
        allowed = _BIND_TCP | (_CONNECT_TCP if port else 0)
        rule = struct.pack("=QQ", allowed, port)
        _checked(
            f"Landlock: allow port {port}",
            libc.raw("landlock_add_rule", ruleset, _NET_PORT, rule, 0),
        )
    _checked("no_new_privs", libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1))
    _checked("Landlock: restrict", libc.raw("landlock_restrict_self", ruleset, 0))
    os.close(ruleset)


def set_apart() -> None:
    """Put this process and its future children into a domain of their own, below that of its
    maker: it may neither trace the maker nor see what only a tracer may, such as the links in
    /proc/PID (ptrace(2), access mode checking). It may do all else that it could. OSError."""
    nothing_more = struct.pack("=Q", _DEVICES)
    for step in (
        libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1),
        ruleset := libc.raw("landlock_create_ruleset", nothing_more, len(nothing_more), 0),
        libc.raw("landlock_restrict_self", ruleset, 0),
    ):
        if step < 0:
            raise OSError(-step, os.strerror(-step), "Landlock: a domain of its own")
    os.close(ruleset)


def _allow(ruleset: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = rights if stat.S_ISDIR(os.fstat(place).st_mode) else rights & _ON_FILES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, place), 12)
        step = f"Landlock: allow {path}"
        _checked(step, libc.raw("landlock_add_rule", ruleset, _PATH_BENEATH, rule.raw, 0))
        os.close(place)


def _checked(step: str, result: int) -> int:
    if result < 0:
        raise SandboxError(step, -result)
    return result
