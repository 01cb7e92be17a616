"""Owns the events time.*: sleeps, and waits for one of several descriptors."""

from __future__ import annotations

import struct

from grader.kernel import proc
from grader.kernel.decode.io import BLOCKED
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute, Holder

_POLLIN, _POLLOUT = 1, 4
_MOST = 1024
"""So many descriptors of one call are looked at."""
Watched = list[tuple[int, bool, bool]]
"""Descriptor, whether it is to become readable, whether writable."""


# -- sleeping -------------------------------------------------------------------------------------


def _milliseconds(observer: Observer, call: Call, address: int, unit: int) -> int | None:
    """A struct timespec (unit 10^9) or timeval (10^6); None for a null pointer."""
    raw = observer.read(call.task, address, 16) if address else None
    if raw is None or len(raw) < 16:
        return None
    seconds, part = struct.unpack("=qq", raw)
    return int(seconds * 1000 + part * 1000 // unit)


def enter_sleep(observer: Observer, call: Call) -> bool:
    address = call.args[2] if call.name == "clock_nanosleep" else call.args[0]
    call.note = _milliseconds(observer, call, address, 1_000_000_000)
    return True


def leave_sleep(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {}
    if call.note is not None:
        args["ms"] = call.note
    if call.name == "clock_nanosleep" and call.unsigned(1) & 1:
        args["absolute"] = True
    observer.emit(call, "time.sleep", args=args)


def blocked_sleep(observer: Observer, call: Call) -> Blocked | None:
    return Blocked("its time", timed=True)


def leave_yield(observer: Observer, call: Call) -> None:
    observer.emit(call, "time.yield")


# -- waiting for descriptors ----------------------------------------------------------------------


def _poll_list(observer: Observer, call: Call) -> Watched:
    """struct pollfd[] of poll(2)."""
    count = min(call.unsigned(1), _MOST)
    raw = observer.read(call.task, call.args[0], 8 * count) or b""
    entries = (struct.unpack_from("=ihh", raw, at) for at in range(0, len(raw) - 7, 8))
    return [(fd, bool(ev & _POLLIN), bool(ev & _POLLOUT)) for fd, ev, _got in entries if fd >= 0]


def _select_list(observer: Observer, call: Call) -> Watched:
    """The fd_sets of select(2)."""
    count = min(call.unsigned(0), _MOST)
    sets = []
    for address in call.args[1:3]:
        raw = observer.read(call.task, address, (count + 63) // 64 * 8) if address else None
        sets.append(int.from_bytes(raw or b"", "little"))
    return [
        (fd, bool(sets[0] >> fd & 1), bool(sets[1] >> fd & 1))
        for fd in range(count)
        if (sets[0] | sets[1]) >> fd & 1
    ]


def _epoll_list(observer: Observer, call: Call) -> Watched:
    """What an epoll instance watches, by the kernel's own list (proc_pid_fdinfo(5))."""
    return [
        (fd, bool(events & _POLLIN), bool(events & _POLLOUT))
        for fd, events in proc.epoll_targets(call.task.proc.pid, call.signed(0))
    ]


def _timeout(observer: Observer, call: Call) -> int | None:
    """Milliseconds; None: no limit."""
    if call.name in ("poll", "epoll_wait", "epoll_pwait"):
        given = call.signed(2 if call.name == "poll" else 3)
        return given if given >= 0 else None
    address = call.args[2 if call.name == "ppoll" else 3 if call.name == "epoll_pwait2" else 4]
    unit = 1_000_000 if call.name == "select" else 1_000_000_000
    return _milliseconds(observer, call, address, unit)


def enter_wait(observer: Observer, call: Call) -> bool:
    listing = (
        _poll_list
        if "poll" in call.name and "epoll" not in call.name
        else _epoll_list
        if "epoll" in call.name
        else _select_list
    )
    call.note = (listing(observer, call), _timeout(observer, call))
    return True


def leave_wait(observer: Observer, call: Call) -> None:
    watched, timeout = call.note
    process = call.task.proc
    named: list[int | str] = []
    for fd, _reads, _writes in watched:
        found = observer.descriptor(process, fd)
        named.append(f"{fd}:{found.object.id}" if found is not None else str(fd))
    args: dict[str, Attribute] = {"descriptors": named}
    if timeout is not None:
        args["timeout_ms"] = timeout
    observer.emit(call, "time.wait", args=args)


def blocked_wait(observer: Observer, call: Call) -> Blocked | None:
    """Any of the watched descriptors could end it; all of them must be known to prove that
    nobody else can."""
    watched, timeout = call.note
    holders: list[Holder] = []
    needs: list[str] = []
    only: str | None = None
    process = call.task.proc
    for fd, reads, writes in watched:
        if proc.link(process.pid, fd) == "anon_inode:[signalfd]":
            needs.append(f"a signal on fd {fd}")
            holders += [Holder(process=p.id) for p in observer.live() if p is not process]
            continue
        descriptor = observer.descriptor(process, fd)
        if descriptor is None or descriptor.object.kind not in BLOCKED:
            if proc.link(process.pid, fd) == "anon_inode:[timerfd]":
                continue  # whether it is armed is asked apart from this
            return None
        only = descriptor.object.id
        for end, wanted in (("read", reads), ("write", writes)):
            if not wanted:
                continue
            part = BLOCKED[descriptor.object.kind](observer, descriptor, fd, end)
            if part is None:
                return None
            needs.append(f"{part.needs} on {descriptor.object.id}")
            holders += [holder for holder in part.holders if holder not in holders]
    text = " or ".join(needs) or "a signal"
    single = len(watched) == 1 and len(needs) == 1
    if single and only is not None:
        text = needs[0].removesuffix(f" on {only}")
    return Blocked(
        text,
        tuple(holders),
        only if single else None,
        watched[0][0] if single else None,
        timed=timeout is not None,
    )


_SLEEP = Row(enter=enter_sleep, leave=leave_sleep, blocked=blocked_sleep)
_WAIT = Row(enter=enter_wait, leave=leave_wait, blocked=blocked_wait)

ROWS: dict[str, Row] = {
    "nanosleep": _SLEEP,
    "clock_nanosleep": _SLEEP,
    "sched_yield": Row(leave=leave_yield),
    **dict.fromkeys(
        (
            "poll",
            "ppoll",
            "select",
            "pselect6",
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
        ),
        _WAIT,
    ),
}
