"""Owns the events time.*: sleeps, and waits for one of several descriptors (poll, select, …)."""

from __future__ import annotations

import struct
import time

import msgspec

from grader.kernel import abi, proc, seccomp
from grader.kernel.decode.io import BLOCKED
from grader.kernel.decode.signals import senders
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute, Holder

_MOST = 1024
"""So many descriptors of one call are looked at."""
_NANOSECONDS, _MICROSECONDS = 1_000_000_000, 1_000_000
_TIMER_ABSTIME = 1  # include/uapi/linux/time.h
_CLOCKS = (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME, time.CLOCK_TAI)
"""Those that show the tracee and us the same time."""
_A_MOMENT_MS = 100
_PIDFD, _EPOLL_FD = "anon_inode:[pidfd]", "anon_inode:[eventpoll]"


class _Watched(msgspec.Struct, frozen=True):
    """One descriptor of a wait. data: what epoll hands back for it. inode: what it must still
    refer to: an epoll instance watches a file, also where its number is closed or used again."""

    fd: int
    reads: bool
    writes: bool
    data: int = 0
    inode: int | None = None


class Waiting(msgspec.Struct, frozen=True):
    """What a call waits for. timeout: ms, None for ever. others: it may wait for descriptors that
    are not listed, those of an epoll instance or an unreadable list."""

    watched: list[_Watched]
    timeout: int | None
    others: bool = False

    @property
    def event(self) -> str:
        """Without any descriptor, a limited wait is a sleep; an unlimited one is how some C
        libraries make pause(3)."""
        if self.watched or self.others:
            return "time.wait"
        return "signal.wait" if self.timeout is None else "time.sleep"


# -- sleeping -------------------------------------------------------------------------------------


def _milliseconds(observer: Observer, call: Call, address: int, unit: int) -> int | None:
    """A struct timespec (unit 10^9) or timeval (10^6), rounded up; None for a null pointer."""
    raw = observer.read(call.task, address, 16) if address else None
    if raw is None or len(raw) < 16:
        return None
    seconds, part = struct.unpack("=qq", raw)
    return int(seconds * 1000 - (-part * 1000 // unit))


def enter_sleep(observer: Observer, call: Call) -> bool:
    address = call.args[2] if call.name == "clock_nanosleep" else call.args[0]
    if _names_a_moment(call) and call.signed(0) in _CLOCKS:
        call.note = _until(observer, call, address)
    else:
        call.note = _milliseconds(observer, call, address, _NANOSECONDS)
    return True


def _names_a_moment(call: Call) -> bool:
    return call.name == "clock_nanosleep" and bool(call.unsigned(1) & _TIMER_ABSTIME)


def _until(observer: Observer, call: Call, address: int) -> int | None:
    """Milliseconds from now to the moment in a struct timespec, rounded up."""
    raw = observer.read(call.task, address, 16) if address else None
    if raw is None or len(raw) < 16:
        return None
    seconds, part = struct.unpack("=qq", raw)
    left: int = seconds * _NANOSECONDS + part - time.clock_gettime_ns(call.signed(0))
    return max(0, -(-left // 1_000_000))


def leave_sleep(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {}
    if call.note is not None:
        args["ms"] = call.note
    if _names_a_moment(call):
        args["absolute"] = True
    observer.emit(call, "time.sleep", args=args)


def blocked_sleep(_observer: Observer, _call: Call) -> Blocked | None:
    return Blocked("its time", timed=True)


def leave_yield(observer: Observer, call: Call) -> None:
    observer.emit(call, "time.yield")


# -- what is waited for ---------------------------------------------------------------------------


def _timeout(observer: Observer, call: Call, index: int, unit: int) -> int | None:
    """unit: of the structure that the argument points to; 0 for plain milliseconds."""
    if not unit:
        given = call.signed(index)
        return given if given >= 0 else None
    return _milliseconds(observer, call, call.args[index], unit)


def enter_poll(observer: Observer, call: Call) -> bool:
    listed = _pollfds(observer, call)
    watched = [
        _Watched(fd, bool(events & abi.POLL_READS), bool(events & abi.POLL_WRITES))
        for fd, events, _got in listed
        if fd >= 0
    ]
    unit = 0 if call.name == "poll" else _NANOSECONDS
    others = len(listed) < call.unsigned(1)
    call.note = Waiting(watched, _timeout(observer, call, 2, unit), others)
    return True


def _pollfds(observer: Observer, call: Call) -> list[tuple[int, int, int]]:
    """struct pollfd[]: descriptor, events, what came of it."""
    count = min(call.unsigned(1), _MOST)
    raw = observer.read(call.task, call.args[0], 8 * count) or b""
    return [struct.unpack_from("=iHH", raw, at) for at in range(0, len(raw) - 7, 8)]


def enter_select(observer: Observer, call: Call) -> bool:
    readable, writable, exceptional = _sets(observer, call)
    named = readable | writable | exceptional
    watched = [
        _Watched(fd, bool((readable | exceptional) >> fd & 1), bool(writable >> fd & 1))
        for fd in range(named.bit_length())
        if named >> fd & 1
    ]
    unit = _MICROSECONDS if call.name == "select" else _NANOSECONDS
    call.note = Waiting(watched, _timeout(observer, call, 4, unit))
    return True


def _sets(observer: Observer, call: Call) -> tuple[int, int, int]:
    """The three fd_sets, a bit for each descriptor."""
    count = min(max(call.signed(0), 0), _MOST)
    sets: list[int] = []
    for address in call.args[1:4]:
        raw = observer.read(call.task, address, (count + 63) // 64 * 8) if address else None
        sets.append(int.from_bytes(raw or b"", "little") & ((1 << count) - 1))
    return sets[0], sets[1], sets[2]


def enter_epoll(observer: Observer, call: Call) -> bool:
    """An epoll instance watches what the kernel's own list says (proc_pid_fdinfo(5))."""
    watched = _epoll_list(call.task.proc, call.signed(0))
    unit = _NANOSECONDS if call.name == "epoll_pwait2" else 0
    call.note = Waiting(watched, _timeout(observer, call, 3, unit), others=True)
    return True


def _epoll_list(process: Proc, fd: int) -> list[_Watched]:
    return [
        _Watched(
            target.fd,
            bool(target.events & abi.POLL_READS),
            bool(target.events & abi.POLL_WRITES),
            target.data,
            target.inode,
        )
        for target in proc.epoll_targets(process.view, fd)
    ]


# -- what came of it ------------------------------------------------------------------------------


def _ready(observer: Observer, call: Call, waiting: Waiting) -> list[int]:
    """The descriptors that the call reported."""
    if not call.ok or not call.result:
        return []
    if "select" in call.name:
        readable, writable, exceptional = _sets(observer, call)
        found = readable | writable | exceptional
        return [fd for fd in range(found.bit_length()) if found >> fd & 1]
    if "epoll" not in call.name:
        return [fd for fd, _events, got in _pollfds(observer, call) if fd >= 0 and got]
    layout = abi.EPOLL_EVENT[seccomp.architecture()]
    raw = observer.read(call.task, call.args[1], layout.size * min(call.result, _MOST)) or b""
    by_data = {watched.data: watched.fd for watched in waiting.watched}
    data = (
        layout.unpack_from(raw, at)[1] for at in range(0, len(raw) - layout.size + 1, layout.size)
    )
    return [by_data[value] for value in data if value in by_data]


def leave_wait(observer: Observer, call: Call) -> None:
    """descriptors, ready: "4:pipe1"."""
    waiting: Waiting = call.note
    process = call.task.proc
    args: dict[str, Attribute] = {}
    if waiting.event == "time.sleep":
        args["ms"] = waiting.timeout
    if waiting.event != "time.wait":
        observer.emit(call, waiting.event, args=args)
        return
    args["descriptors"] = [_name(observer, process, watched.fd) for watched in waiting.watched]
    if waiting.timeout is not None:
        args["timeout_ms"] = waiting.timeout
    if call.ok:
        ready = _ready(observer, call, waiting)
        args["ready"] = [_name(observer, process, fd) for fd in ready]
    observer.emit(call, "time.wait", args=args)


def _name(observer: Observer, process: Proc, fd: int) -> str:
    found = observer.descriptor(process, fd)
    return f"{fd}:{found.object.id}" if found is not None else str(fd)


def ends_soon(call: Call) -> bool:
    """Whether this is a wait for descriptors that lasts a moment at most, but some time."""
    waiting = call.note
    if not isinstance(waiting, Waiting) or waiting.event != "time.wait":
        return False
    return waiting.timeout is not None and 0 < waiting.timeout <= _A_MOMENT_MS


# -- what would end it ----------------------------------------------------------------------------


def blocked_wait(observer: Observer, call: Call) -> Blocked | None:
    """Any of the watched descriptors could end it; all of them must be known to prove that
    nobody else can."""
    waiting: Waiting = call.note
    process = call.task.proc
    everything = waiting.watched
    if "epoll" in call.name:  # others may have changed the list meanwhile
        everything = _epoll_list(process, call.signed(0))
    elif waiting.others:
        return None
    parts = _parts(observer, process, everything)
    if parts is None:
        return None
    timed = waiting.timeout is not None
    if len(parts) == 1:
        only = parts[0]
        return Blocked(only.needs, only.holders, only.object, only.fd, timed=timed)
    if not parts:
        return Blocked("a signal", senders(observer, process), timed=timed)
    needs = " or ".join(
        f"{part.needs} on {part.object}" if part.object is not None else part.needs
        for part in parts
    )
    holders = dict.fromkeys(holder for part in parts for holder in part.holders)
    return Blocked(needs, tuple(holders), timed=timed, parts=tuple(parts))


def _parts(observer: Observer, process: Proc, everything: list[_Watched]) -> list[Blocked] | None:
    """What would make any of these ready; None if that cannot be said of one of them."""
    parts: list[Blocked] = []
    for watched in everything:
        found = _part(observer, process, watched)
        if found is None:
            return None
        parts += found
    return parts


def _part(observer: Observer, process: Proc, watched: _Watched) -> list[Blocked] | None:
    """What would make one descriptor ready; None if that cannot be said."""
    fd = watched.fd
    if watched.inode is not None:
        now = proc.target_stat(process.view, fd)
        if now is None or now.st_ino != watched.inode:
            return None
    descriptor = observer.descriptor(process, fd)
    if descriptor is None:
        link = proc.link(process.view, fd)
        if link == _EPOLL_FD:
            return _parts(observer, process, _epoll_list(process, fd))
        return [_end_of(observer, process, fd)] if link == _PIDFD else None
    ask = BLOCKED.get(descriptor.object.kind)
    if ask is None:
        return None
    # without any event of its own a descriptor still reports the end of the other side
    ends = ["read"] if watched.reads or not watched.writes else []
    ends += ["write"] if watched.writes else []
    found = [ask(observer, descriptor, fd, end) for end in ends]
    known = [part for part in found if part is not None]
    return known if len(known) == len(found) else None


def _end_of(observer: Observer, process: Proc, fd: int) -> Blocked:
    """A pidfd becomes readable when its process ends (pidfd_open(2))."""
    other = observer.by_inner(proc.pidfd_target(process.view, fd))
    if other is None:
        return Blocked("exit of a process", fd=fd)
    return Blocked(f"exit of {other.id}", (Holder(process=other.id),), fd=fd)


_SLEEP = Row(enter=enter_sleep, leave=leave_sleep, blocked=blocked_sleep)
_POLL = Row(enter=enter_poll, leave=leave_wait, blocked=blocked_wait)
_SELECT = Row(enter=enter_select, leave=leave_wait, blocked=blocked_wait)
_EPOLL = Row(enter=enter_epoll, leave=leave_wait, blocked=blocked_wait)

ROWS: dict[str, Row] = {
    "nanosleep": _SLEEP,
    "clock_nanosleep": _SLEEP,
    "sched_yield": Row(leave=leave_yield),
    **dict.fromkeys(("poll", "ppoll"), _POLL),
    **dict.fromkeys(("select", "pselect6"), _SELECT),
    **dict.fromkeys(("epoll_wait", "epoll_pwait", "epoll_pwait2"), _EPOLL),
}
