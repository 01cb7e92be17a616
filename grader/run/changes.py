"""Owns what a run without a private root changes of files besides their content: permissions and
times. Landlock does not rule over these, and a run may have the user ID of whoever grades.

The supervisor opens the file itself, looks where it lies and makes the change in the program's
place. So it does not matter what another thread or process of the run makes of path or links
meanwhile: nothing but the file that was looked at is changed.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from grader.kernel import abi_files, libc, paths
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call
from grader.run.tier import Tier

_MODES = {"chmod": (0, None, 1), "fchmodat": (1, 0, 2), "fchmodat2": (1, 0, 2)}
"""Which arguments are the path, the folder that it starts from, the permissions."""
_FLAGS = {"fchmodat2": 3, "utimensat": 3}
CHANGING = frozenset((*_MODES, "fchmod", "utimensat"))
"""The calls that are made here."""

_NOFOLLOW, _EMPTY_PATH = 0x100, 0x1000
"""AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH (include/uapi/linux/fcntl.h)."""
_PERMISSIONS = 0o1777
"""No set-user-ID and no set-group-ID: whose they would be is the grader."""
_TIMES = 32
"""Two struct timespec."""


def change(observer: Observer, tier: Tier, call: Call) -> int:
    """Make the call; its errno, 0 where it was made."""
    index, start, _mode = _MODES.get(call.name, (1, 0, None))
    at = call.unsigned(_FLAGS[call.name]) if call.name in _FLAGS else 0
    unnamed = call.name == "fchmod" or (call.name == "utimensat" and not call.args[1])
    if not unnamed and at & _EMPTY_PATH:
        unnamed = not paths.text_at(observer, call, index)
    try:
        if unnamed:
            fd = call.signed(0)
            which = "cwd" if fd == abi_files.AT_FDCWD and call.name != "fchmod" else f"fd/{fd}"
            place = os.open(f"/proc/{call.task.proc.view}/{which}", os.O_PATH | os.O_CLOEXEC)
        else:
            place = _opened(observer, tier, call, index, start, follow=not at & _NOFOLLOW)
    except OSError as error:
        return errno.EBADF if unnamed else error.errno or errno.EPERM
    try:
        return _change(observer, tier, call, place)
    except OSError as error:
        return error.errno or errno.EPERM
    finally:
        os.close(place)


def watch(observer: Observer, tier: Tier, call: Call) -> int | None:
    """The errno of inotify_add_watch(2), None where it may happen: who watches a folder learns the
    names of what is used in it."""
    try:
        place = _opened(observer, tier, call, 1, None, follow=True)
    except OSError as error:
        return error.errno or errno.EACCES
    try:
        return None if _inside(tier, _place(place)) else errno.EACCES
    finally:
        os.close(place)


def _opened(
    observer: Observer, tier: Tier, call: Call, index: int, start: int | None, *, follow: bool
) -> int:
    """An O_PATH descriptor of what the path argument names. OSError: of what lies elsewhere not
    even whether it is there."""
    given = paths.text_at(observer, call, index)
    if not given:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    flags = os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        return os.open(paths.reached(observer, call, index, start), flags)
    except OSError as error:
        named = paths.absolute(call, given, start)
        if named is not None and _inside(tier, named):
            raise
        raise OSError(errno.EPERM, os.strerror(errno.EPERM)) from error


def _change(observer: Observer, tier: Tier, call: Call, place: int) -> int:
    here = f"/proc/self/fd/{place}"
    owner = os.geteuid() if tier.owner is None else tier.owner
    if os.fstat(place).st_uid != owner or not _inside(tier, _place(place)):
        return errno.EPERM
    if call.name != "utimensat":
        mode = call.unsigned(1 if call.name == "fchmod" else _MODES[call.name][2])
        Path(here).chmod(mode & _PERMISSIONS)
        return 0
    times = observer.read(call.task, call.args[2], _TIMES) if call.args[2] else None
    if call.args[2] and (times is None or len(times) < _TIMES):
        return errno.EFAULT
    return -libc.raw("utimensat", abi_files.AT_FDCWD, os.fsencode(here), times or 0, 0)


def _place(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _inside(tier: Tier, place: str) -> bool:
    own = (tier.work, tier.temporary, "/dev/shm", "/dev/mqueue")
    return any(place == folder or place.startswith(f"{folder}/") for folder in own)
