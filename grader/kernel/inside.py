"""Owns opening what lies in the run's private root from outside of it: openat2(2).

Names are the student's: links that lead out of the root, also absolute ones, must lead nowhere of
ours, so the kernel resolves them as if the private root were "/".
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from typing import Literal

import msgspec

from grader.kernel import libc, proc
from grader.kernel.root import WORK

_RESOLVE = 0x02 | 0x10
"""RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT, include/uapi/linux/openat2.h"""
_HOW = struct.Struct("=QQQ")
"""struct open_how: flags, mode, resolve."""
_OFD_SETLK = 37
"""F_OFD_SETLK, include/uapi/asm-generic/fcntl.h"""
_FLOCK = struct.Struct("=hh4xqqi4x")
"""struct flock: type, whence, start, length, pid."""


def open_inside(init_pid: int, path: str, flags: int = 0) -> int:
    """An O_PATH descriptor of what lies at a path inside, relative ones from the work folder; a
    link at its end is not followed. Nothing is opened, so no FIFO notices. OSError."""
    root = os.open(f"/proc/{init_pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        work = proc.work_directory(init_pid) or WORK
        inner = os.fsencode(os.path.join(work, path))
        how = _HOW.pack(flags | os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, 0, _RESOLVE)
        result = libc.raw("openat2", root, inner, how, len(how))
    finally:
        os.close(root)
    if result < 0:
        raise OSError(-result, os.strerror(-result), path)
    return result


class FileLook(msgspec.Struct, frozen=True):
    """A regular file at one moment. content: its first bytes, as far as asked for."""

    content: bytes
    size: int
    mode: int


def read_file(
    init_pid: int, path: str, most: int, *, locked: bool = False
) -> FileLook | Literal["none", "locked"]:
    """At most so many bytes of a regular file. "none": there is no such file (links and special
    files are none). locked: look under both kinds of lock, shared; "locked": someone holds one, or
    a lease (fcntl(2)): that is asked to go, and nobody waits for it here."""
    try:
        place = open_inside(init_pid, path)
    except OSError:
        return "none"
    try:
        if not stat.S_ISREG(os.fstat(place).st_mode):
            return "none"
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(f"/proc/self/fd/{place}", flags)
    except PermissionError:
        return "none"
    except BlockingIOError:
        return "locked"
    finally:
        os.close(place)
    with os.fdopen(descriptor, "rb") as file:
        if locked and not _lock(descriptor):
            return "locked"
        known = os.fstat(descriptor)
        return FileLook(file.read(most), known.st_size, stat.S_IMODE(known.st_mode))


def _lock(descriptor: int) -> bool:
    """Both kinds at once, as programs may use either; released with the descriptor. An OFD lock
    conflicts with another process's POSIX lock, and goes with the descriptor alone (fcntl(2))."""
    whole_file = _FLOCK.pack(fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.fcntl(descriptor, _OFD_SETLK, whole_file)
    except (BlockingIOError, PermissionError):
        return False
    return True
