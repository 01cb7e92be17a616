"""Owns the C library calls that Python lacks. Failures are values: -errno, never exceptions."""

from __future__ import annotations

import ctypes
import os
import platform
import struct

from grader.kernel import abi

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.syscall.restype = ctypes.c_long
_libc.process_vm_readv.restype = ctypes.c_ssize_t
_libc.process_vm_readv.argtypes = (
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_ulong,
)
_libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
_libc.mount.argtypes = (
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
)

# unistd.h of each architecture, for the few calls that the C library may not wrap
_NUMBERS = {
    "x86_64": {
        "capget": 125,
        "capset": 126,
        "pivot_root": 155,
        "tgkill": 234,
        "mq_unlink": 241,
        "utimensat": 280,
        "seccomp": 317,
    },
    "aarch64": {
        "pivot_root": 41,
        "utimensat": 88,
        "capget": 90,
        "capset": 91,
        "tgkill": 131,
        "mq_unlink": 181,
        "seccomp": 277,
    },
}
_SHARED = {
    "open_tree": 428,
    "move_mount": 429,
    "close_range": 436,
    "openat2": 437,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
"""System calls since 5.2 have one number on all architectures."""

# the two requests that every stop makes: small arguments need no conversion rules, and a lost
# tracee (ESRCH) needs no errno, which halves what ctypes takes
_quick_ptrace = ctypes.CDLL(None).ptrace
_info = ctypes.create_string_buffer(abi.SYSCALL_INFO_SIZE)
_info_pointer = ctypes.c_void_p(ctypes.addressof(_info))
_message = ctypes.c_ulong()
_message_address = ctypes.addressof(_message)
_status = ctypes.c_int()
_status_address = ctypes.c_void_p(ctypes.addressof(_status))
_siginfo = ctypes.create_string_buffer(128)
_siginfo_address = ctypes.addressof(_siginfo)


def ptrace(request: int, pid: int, address: int = 0, data: int = 0) -> int:
    """ptrace(2); 0 or more, or -errno (ESRCH is normal: the tracee was killed)."""
    result: int = _libc.ptrace(request, pid, address, data)
    return result if result >= 0 else -ctypes.get_errno()


def wait_for_stop() -> tuple[int, int] | None:
    """The next TID and status (waitpid(2)), when there is one; None if a signal of our own came
    first, which `os.waitpid` would not tell, or nobody is left to wait for."""
    tid = _libc.waitpid(-1, _status_address, abi.WALL)
    return (tid, _status.value) if tid > 0 else None


def resume(request: int, pid: int, signal: int = 0) -> None:
    """PTRACE_CONT or PTRACE_SYSCALL; a tracee that is gone is none of the caller's concern."""
    _quick_ptrace(request, pid, 0, signal)


def syscall_info(pid: int) -> ctypes.Array[ctypes.c_char] | None:
    """PTRACE_GET_SYSCALL_INFO; a buffer that the next call overwrites, None if the tracee is gone.

    Layouts: abi.SYSCALL_INFO_ENTRY (also for seccomp stops) and abi.SYSCALL_INFO_EXIT.
    """
    got = _quick_ptrace(abi.PTRACE_GET_SYSCALL_INFO, pid, abi.SYSCALL_INFO_SIZE, _info_pointer)
    return _info if got > 0 else None


def event_message(pid: int) -> int | None:
    """PTRACE_GETEVENTMSG: the new child's PID, the former TID of an exec; None if gone."""
    if _libc.ptrace(abi.PTRACE_GETEVENTMSG, pid, 0, _message_address) < 0:
        return None
    return _message.value


def signal_info(pid: int) -> bytes | None:
    """PTRACE_GETSIGINFO: the siginfo_t of a signal that is about to be delivered (abi.SIGINFO,
    si_pid in the tracee's own PID namespace); None if the tracee is gone."""
    if _libc.ptrace(abi.PTRACE_GETSIGINFO, pid, 0, _siginfo_address) < 0:
        return None
    return _siginfo.raw


def set_signal_info(pid: int, raw: bytes) -> None:
    """PTRACE_SETSIGINFO: what `signal_info` told of another signal becomes this one's."""
    _libc.ptrace(abi.PTRACE_SETSIGINFO, pid, 0, raw)


def signal_thread(pid: int, tid: int, number: int) -> bool:
    """tgkill(2); False if the thread is gone."""
    return raw("tgkill", pid, tid, number) == 0


def read_memory(pid: int, address: int, size: int) -> bytes | None:
    """Up to size bytes of a tracee's memory (process_vm_readv(2)); None if unreadable.

    Short where the readable range ends earlier.
    """
    if size <= 0:
        return b""
    local = ctypes.create_string_buffer(size)
    here = struct.pack("=QQ", ctypes.addressof(local), size)
    there = struct.pack("=QQ", address & 0xFFFFFFFFFFFFFFFF, size)
    got = _libc.process_vm_readv(pid, here, 1, there, 1, 0)
    if got < 0:
        # the range may cross into an unmapped page: what lies before it still counts
        within = 4096 - (address & 4095)
        if within >= size:
            return None
        here = struct.pack("=QQ", ctypes.addressof(local), within)
        there = struct.pack("=QQ", address & 0xFFFFFFFFFFFFFFFF, within)
        got = _libc.process_vm_readv(pid, here, 1, there, 1, 0)
        if got < 0:
            return None
    return local.raw[:got]


def prctl(option: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
    """prctl(2); -errno on failure."""
    result: int = _libc.prctl(option, a, b, c, d)
    return result if result >= 0 else -ctypes.get_errno()


def unshare(flags: int) -> int:
    """unshare(2); -errno on failure."""
    return 0 if _libc.unshare(ctypes.c_int(flags)) == 0 else -ctypes.get_errno()


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> int:
    """mount(2); -errno on failure."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        flags,
        options.encode(),
    )
    return 0 if result == 0 else -ctypes.get_errno()


def umount(target: str, flags: int) -> int:
    """umount2(2); -errno on failure."""
    result = _libc.umount2(ctypes.c_char_p(os.fsencode(target)), ctypes.c_int(flags))
    return 0 if result == 0 else -ctypes.get_errno()


def _number(name: str) -> int:
    return _SHARED.get(name) or _NUMBERS[platform.machine()][name]


def raw(name: str, *arguments: int | bytes) -> int:
    """A system call by name (only those this module lists); -errno on failure."""
    number = _number(name)
    converted = [
        ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_long(value)
        for value in arguments
    ]
    result: int = _libc.syscall(ctypes.c_long(number), *converted)
    return result if result >= 0 else -ctypes.get_errno()


def close_range(first: int, last: int = 0x7FFFFFFF, *, at_exec: bool = False) -> None:
    """Close all descriptors from first to last (close_range(2)), or have the next exec do it."""
    raw("close_range", first, last, 4 if at_exec else 0)  # CLOSE_RANGE_CLOEXEC


def open_tree(path: str) -> int:
    """A detached recursive copy of the mount tree at path; a descriptor or -errno."""
    flags = abi.OPEN_TREE_CLONE | abi.OPEN_TREE_CLOEXEC | abi.AT_RECURSIVE
    return raw("open_tree", abi.AT_FDCWD, os.fsencode(path), flags)


def attach_tree(tree: int, target: str) -> int:
    """Attach a detached mount tree at target (move_mount(2)); -errno on failure."""
    return raw(
        "move_mount", tree, b"", abi.AT_FDCWD, os.fsencode(target), abi.MOVE_MOUNT_F_EMPTY_PATH
    )


def restrict_mount(tree: int, path: str, attributes: int, *, recursive: bool) -> int:
    """Set mount attributes (mount_setattr(2)) on a descriptor (path "") or a path; -errno."""
    flags = (abi.AT_EMPTY_PATH if not path else 0) | (abi.AT_RECURSIVE if recursive else 0)
    argument = struct.pack("=QQQQ", attributes, 0, 0, 0)
    return raw("mount_setattr", tree, os.fsencode(path), flags, argument, len(argument))


def inherit_no_capability() -> int:
    """Have the next exec take every capability away (capset(2): nothing inheritable, ambient set
    cleared), where the bounding set is empty; -errno on failure."""
    prctl(abi.PR_CAP_AMBIENT, abi.PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    sets = ctypes.create_string_buffer(24)
    result: int = _libc.syscall(ctypes.c_long(_number("capget")), ctypes.c_char_p(header), sets)
    if result < 0:
        return -ctypes.get_errno()
    effective, permitted, _, effective2, permitted2, _ = struct.unpack("=6I", sets.raw)
    return raw(
        "capset", header, struct.pack("=6I", effective, permitted, 0, effective2, permitted2, 0)
    )


def install_filter(program: bytes) -> int:
    """Install a seccomp filter (struct sock_filter[]) on this thread; -errno on failure."""
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    return raw("seccomp", abi.SECCOMP_SET_MODE_FILTER, 0, fprog)


def signal_descriptor(mask: int) -> int:
    """signalfd(2) for the signals in mask (bit n-1 for signal n), non-blocking, close-on-exec."""
    buffer = struct.pack("=Q", mask).ljust(128, b"\0")
    result: int = _libc.signalfd(ctypes.c_int(-1), ctypes.c_char_p(buffer), ctypes.c_int(0o2004000))
    return result if result >= 0 else -ctypes.get_errno()


def unlink_queue(name: str) -> int:
    """Remove a POSIX queue by its name without the slash (mq_unlink(2)); -errno on failure."""
    return raw("mq_unlink", os.fsencode(name))


def hide_arguments() -> None:
    """Wipe this process's command line, which everyone who sees the process may read: it is a
    copy of the caller's."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start, arg_end: proc_pid_stat(5)
    ctypes.memset(start, 0, end - start)


def pidfd_getfd(pid: int, fd: int) -> int:
    """A descriptor of ours on what a process has open as fd (pidfd_getfd(2), Linux 5.6), or
    -errno: ESRCH, EBADF, and where it may not be asked EPERM or ENOSYS."""
    try:
        process = os.pidfd_open(pid)
    except OSError as error:
        return -(error.errno or 0)
    try:
        return raw("pidfd_getfd", process, fd, 0)
    finally:
        os.close(process)
