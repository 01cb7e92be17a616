"""Owns the questions to /proc: descriptors, state, identity of tracees. A vanished process is a
value (None or empty), not an error."""

from __future__ import annotations

import os
import stat as modes
import time
from pathlib import Path

import msgspec

_CPUCLOCK_SCHED = 2
"""include/linux/posix-timers.h: the kind of a process's clock that counts run time."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_ARGUMENTS = 16 << 10
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


class Stat(msgspec.Struct, frozen=True):
    """state: one letter (R, S, D, T, t, Z, X)."""

    state: str
    parent: int
    group: int
    threads: int


class EpollTarget(msgspec.Struct, frozen=True):
    """One file that an epoll instance watches. fd: its number when it was added; data: what is
    handed back for it; inode: of the file."""

    fd: int
    events: int
    data: int
    inode: int


def _read(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except _GONE:
        return None
    try:
        return os.read(descriptor, 65536)
    except _GONE:
        return None
    finally:
        os.close(descriptor)


def stat(tid: int) -> Stat | None:
    """proc_pid_stat(5) of a thread."""
    data = _read(f"/proc/{tid}/stat")
    if not data:
        return None
    fields = data[data.rindex(b")") + 2 :].split()
    return Stat(
        state=fields[0].decode(),
        parent=int(fields[1]),
        group=int(fields[2]),
        threads=int(fields[17]),
    )


def cpu_us(pid: int) -> int:
    """Microseconds of CPU time of a process, ended threads included; 0 if it is gone.

    From its own clock (clock_getcpuclockid(3)): the ticks in proc_pid_stat(5) show nothing of one
    that lives shorter than they last.
    """
    try:
        return time.clock_gettime_ns(~pid << 3 | _CPUCLOCK_SCHED) // 1000
    except OSError:
        return 0


class Schedule(msgspec.Struct, frozen=True):
    """Seconds since its birth in which a thread ran, and in which it could have but had no CPU."""

    ran: float
    waited: float


def schedule(tid: int) -> Schedule | None:
    """Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat; None if the thread is gone or
    the kernel does not count."""
    fields = (_read(f"/proc/{tid}/schedstat") or b"").split()
    return Schedule(int(fields[0]) / 1e9, int(fields[1]) / 1e9) if len(fields) == 3 else None


def status(tid: int) -> dict[str, str]:
    """proc_pid_status(5) as key to value; empty if gone."""
    data = _read(f"/proc/{tid}/status")
    if not data:
        return {}
    pairs = (line.split(":", 1) for line in data.decode("utf-8", "replace").split("\n"))
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def identity(tid: int) -> tuple[int, int, int] | None:
    """(thread-group id, TID, innermost PID-namespace TID) of a thread."""
    fields = status(tid)
    if "Tgid" not in fields:
        return None
    return int(fields["Tgid"]), tid, int(fields.get("NSpid", str(tid)).split()[-1])


def inactive(tid: int) -> bool:
    """Whether a thread is off every run queue, as proc_pid_syscall(5) shows it.

    The state in /proc does not tell: a call marks its thread as asleep before it looks whether it
    must sleep at all (prepare_to_wait), and a thread that is preempted there keeps the mark.
    False also where the kernel does not say.
    """
    try:
        return not (_read(f"/proc/{tid}/syscall") or b"running").startswith(b"running")
    except OSError:
        return False


def link(pid: int, fd: int) -> str | None:
    """What a descriptor is: "pipe:[123]", "/path", …; None if it is not open."""
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return None


def descriptors(pid: int) -> dict[int, str]:
    """All open descriptors and what they are."""
    found: dict[int, str] = {}
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return found
    for name in names:
        target = link(pid, int(name))
        if target is not None:
            found[int(name)] = target
    return found


def shows_descriptors(pid: int) -> bool:
    """Whether we may see what it has open: not of a program file that its user may not read."""
    return os.access(f"/proc/{pid}/fd", os.R_OK | os.X_OK, effective_ids=True)


def access(pid: int, fd: int) -> tuple[bool, bool]:
    """(readable, writable) as the descriptor was opened: the mode of its link in /proc."""
    try:
        mode = os.lstat(f"/proc/{pid}/fd/{fd}").st_mode
    except OSError:
        return False, False
    return bool(mode & 0o400), bool(mode & 0o200)


def target_stat(pid: int, fd: int) -> os.stat_result | None:
    """fstat of what a descriptor refers to."""
    try:
        return os.stat(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return None


def is_regular(pid: int, fd: int) -> bool:
    """Whether a descriptor refers to a regular file."""
    known = target_stat(pid, fd)
    return known is not None and modes.S_ISREG(known.st_mode)


def content(pid: int, fd: int, offset: int, size: int) -> bytes | None:
    """Bytes of the regular file behind a descriptor; None if it is none, or not ours to read."""
    if not is_regular(pid, fd):
        return None
    try:
        own = os.open(f"/proc/{pid}/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return os.pread(own, size, offset)
    except (OSError, OverflowError):  # what a program says in its memory may be no offset at all
        return None
    finally:
        os.close(own)


def fdinfo(pid: int, fd: int) -> dict[str, str]:
    """proc_pid_fdinfo(5) as key to value; empty if gone."""
    data = _read(f"/proc/{pid}/fdinfo/{fd}")
    if not data:
        return {}
    pairs = (line.split(":", 1) for line in data.decode("utf-8", "replace").split("\n"))
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def pidfd_target(pid: int, fd: int) -> int:
    """The process that a pidfd refers to, by its innermost PID; 0 or less if there is none."""
    info = fdinfo(pid, fd)
    return int(info.get("NSpid", info.get("Pid", "0")).split()[-1])


def mapped_inode(pid: int, address: int) -> tuple[int, int] | None:
    """(st_dev, st_ino) of what is mapped from this address on (proc_pid_maps(5)); None if gone."""
    try:
        with open(f"/proc/{pid}/maps", "rb") as table:
            for line in table:
                if int(line.partition(b"-")[0], 16) == address:
                    fields = line.split()
                    major, _, minor = fields[3].partition(b":")
                    return os.makedev(int(major, 16), int(minor, 16)), int(fields[4])
    except _GONE:
        pass
    return None


def writable(pid: int, address: int) -> bool:
    """Whether this address lies in memory that the process may write (proc_pid_maps(5))."""
    try:
        with open(f"/proc/{pid}/maps", "rb") as table:
            for line in table:
                start, _, end = line.partition(b" ")[0].partition(b"-")
                if int(start, 16) <= address < int(end, 16):
                    return line.split()[1][1:2] == b"w"
    except _GONE:
        pass
    return False


def locks(pid: int, fd: int) -> list[str]:
    """The lines of fdinfo that list the locks of a descriptor, in the format of locks(5)."""
    lines = (_read(f"/proc/{pid}/fdinfo/{fd}") or b"").decode("ascii", "replace").splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("lock:")]


def command_line(pid: int) -> list[str]:
    """The first 16 KiB of argv as the kernel has it, lone bytes escaped; empty if gone."""
    data = (_read(f"/proc/{pid}/cmdline") or b"")[:_ARGUMENTS]
    if not data:
        return []
    return [part.decode("utf-8", "backslashreplace") for part in data.rstrip(b"\0").split(b"\0")]


def resident_memory(pid: int) -> int:
    """Bytes of memory, shared pages counted in full (proc_pid_statm(5)); 0 if gone."""
    data = _read(f"/proc/{pid}/statm")
    return int(data.split()[1]) * _PAGE if data else 0


def private_memory(pid: int) -> int:
    """Bytes of memory that belongs to no file and no shared object, in full even where a fork
    shares it (proc_pid_statm(5)); 0 if gone."""
    data = _read(f"/proc/{pid}/statm")
    if not data:
        return 0
    _size, resident, shared = map(int, data.split()[:3])
    return (resident - shared) * _PAGE


def proportional_memory(pid: int, kind: str = "Pss") -> int:
    """Bytes of memory, shared pages counted in parts (smaps_rollup); 0 if gone. kind: "Pss_Anon"
    for what `private_memory` counts."""
    wanted = f"{kind}:".encode()
    data = _read(f"/proc/{pid}/smaps_rollup")
    for line in (data or b"").splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) * 1024
    return 0


def _mask(fields: dict[str, str], *names: str) -> int:
    mask = 0
    for name in names:
        mask |= int(fields.get(name, "0"), 16)
    return mask


def pending_signals(tid: int) -> int:
    """The signals that wait for delivery to a thread or its process, bit n-1 for signal n."""
    return _mask(status(tid), "SigPnd", "ShdPnd")


def blocked_signals(tid: int) -> int:
    """The signals that a thread blocks, bit n-1 for signal n."""
    return _mask(status(tid), "SigBlk")


def caught_signals(pid: int) -> int:
    """The signals for which a process has a handler, bit n-1 for signal n."""
    return _mask(status(pid), "SigCgt")


def signal_action(pid: int, number: int) -> str:
    """What a process does with a signal: "handler", "ignored" or "default"."""
    fields = status(pid)
    for key, action in (("SigCgt", "handler"), ("SigIgn", "ignored")):
        if _mask(fields, key) >> (number - 1) & 1:
            return action
    return "default"


def epoll_targets(pid: int, fd: int) -> list[EpollTarget]:
    """What an epoll instance watches."""
    found: list[EpollTarget] = []
    for line in (_read(f"/proc/{pid}/fdinfo/{fd}") or b"").splitlines():
        if line.startswith(b"tfd:"):
            fields = line.split()
            inode = next((f for f in fields if f.startswith(b"ino:")), b"ino:0")
            found.append(
                EpollTarget(
                    fd=int(fields[1]),
                    events=int(fields[3], 16),
                    data=int(fields[5], 16),
                    inode=int(inode[4:], 16),
                )
            )
    return found


def open_memory(pid: int) -> int:
    """A descriptor on a tracee's memory (proc_pid_mem(5)); -1 where it may not be opened."""
    try:
        return os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


def work_directory(pid: int) -> str | None:
    """The current directory of a process."""
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return None
