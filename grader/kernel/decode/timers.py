"""Owns what a process has armed that will end a wait without anybody's help: alarm(2), interval
and POSIX timers (signals), timerfd (a descriptor). Events signal.timer and time.timer.

Proc.state["timers"] holds the armed ones: their key to the moment (ns of the monotonic clock) when
they have gone off for good, None for those that fire again and again or at a date.
"""

from __future__ import annotations

import signal
import struct
import time

from grader.kernel import proc
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute
from grader.trace.names import signal_name

REAL = "real"
"""The one real-time interval timer that alarm(2) and setitimer(2) share."""
_LATE = 50_000_000
"""So many ns after its moment a one-shot timer counts as gone off: its signal has been sent."""
_PER_SECOND = 1_000_000_000
# include/uapi/linux/time.h, include/uapi/linux/timerfd.h: TIMER_ABSTIME, TFD_TIMER_ABSTIME
_ITIMER_REAL, _ABSOLUTE = 0, 1
# include/uapi/asm-generic/siginfo.h: struct sigevent
_SIGEVENT = struct.Struct("=8xii")
_CLOCKS = {0: "realtime", 1: "monotonic", 2: "process CPU", 3: "thread CPU", 7: "boottime"}
TimerKey = str | tuple[str, int]


def timers(process: Proc) -> dict[TimerKey, int | None]:
    """The timers of a process that were armed, and when each has gone off for good."""
    armed: dict[TimerKey, int | None] = process.state.setdefault("timers", {})
    return armed


def set_timer(process: Proc, key: TimerKey, first: int, again: int, *, date: bool = False) -> None:
    """A timer was set to go off after `first` ns, then every `again`; 0 disarms it. date: first
    is no time from now but a moment of some clock."""
    if first:
        endless = again or date
        timers(process)[key] = None if endless else time.monotonic_ns() + first + _LATE
    else:
        timers(process).pop(key, None)


def armed(process: Proc) -> bool:
    """Whether any timer of this process can still wake somebody."""
    now = time.monotonic_ns()
    for key, gone in process.state.get("timers", {}).items():
        if gone is not None and gone < now:
            continue
        if key == REAL and proc.pending_signals(process.pid) >> (signal.SIGALRM - 1) & 1:
            continue  # its signal waits, blocked: it has done all that it can
        return True
    for fd, target in proc.descriptors(process.view).items():
        if target == "anon_inode:[timerfd]":
            left = proc.fdinfo(process.view, fd).get("it_value", "(0, 0)")
            if left != "(0, 0)":
                return True
    return False


def left_behind(_observer: Observer, process: Proc, call: str) -> None:
    """POSIX timers do not survive an exec; alarm and interval timers do (execve(2))."""
    if call == "execve":
        for key in [key for key in timers(process) if key != REAL]:
            del timers(process)[key]


def leave_alarm(observer: Observer, call: Call) -> None:
    """left_s: what was left of the alarm that this one replaces."""
    seconds = call.unsigned(0)
    set_timer(call.task.proc, REAL, seconds * _PER_SECOND, 0)
    args: dict[str, Attribute] = {"timer": "alarm", "ms": seconds * 1000}
    if call.result:
        args["left_s"] = call.result
    observer.emit(call, "signal.timer", args=args)


def _interval(observer: Observer, call: Call, index: int, unit: int) -> tuple[int, int]:
    """(first, again) in ns of the struct itimerval or itimerspec that an argument points to."""
    raw = observer.read(call.task, call.args[index], 32) if call.args[index] else None
    if raw is None or len(raw) < 32:
        return 0, 0  # setitimer(2): a null pointer counts as zero
    again_s, again, first_s, first = struct.unpack("=4q", raw)
    return first_s * _PER_SECOND + first * unit, again_s * _PER_SECOND + again * unit


def _times(first: int, again: int) -> dict[str, Attribute]:
    """In ms, rounded up: 0 says that the timer is off."""
    args: dict[str, Attribute] = {"ms": -(-first // 1_000_000)}
    if again:
        args["every_ms"] = -(-again // 1_000_000)
    return args


def enter_setitimer(observer: Observer, call: Call) -> bool:
    call.note = _interval(observer, call, 1, 1000)
    return True


def leave_setitimer(observer: Observer, call: Call) -> None:
    first, again = call.note
    real = call.signed(0) == _ITIMER_REAL
    if call.ok and real:  # the others count CPU time, which nobody uses in his sleep
        set_timer(call.task.proc, REAL, first, again)
    args: dict[str, Attribute] = {"timer": "real" if real else "cpu"}
    observer.emit(call, "signal.timer", args=args | _times(first, again))


# -- POSIX timers: named by their number in the process -------------------------------------------


def leave_timer_create(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {"clock": _CLOCKS.get(call.signed(0), call.signed(0))}
    raw = observer.read(call.task, call.args[1], _SIGEVENT.size) if call.args[1] else None
    if raw is not None and len(raw) == _SIGEVENT.size:
        number, how = _SIGEVENT.unpack(raw)
        if how != 1:  # SIGEV_NONE
            args["signal"] = signal_name(number)
    elif not call.args[1]:
        args["signal"] = "SIGALRM"
    raw = observer.read(call.task, call.args[2], 4) if call.ok else None
    if raw is not None and len(raw) == 4:
        args["timer"] = int.from_bytes(raw, "little")
    observer.emit(call, "signal.timer", args=args)


def enter_settime(observer: Observer, call: Call) -> bool:
    """timer_settime(2), timerfd_settime(2)."""
    call.note = _interval(observer, call, 2, 1)
    return True


def leave_timer_settime(observer: Observer, call: Call) -> None:
    first, again = call.note
    date = bool(call.signed(1) & _ABSOLUTE)
    if call.ok:
        set_timer(call.task.proc, ("posix", call.signed(0)), first, again, date=date)
    _emit_settime(observer, call, "signal.timer", {"timer": call.signed(0)})


def leave_timer_delete(observer: Observer, call: Call) -> None:
    if call.ok:
        timers(call.task.proc).pop(("posix", call.signed(0)), None)
    observer.emit(call, "signal.timer", args={"timer": call.signed(0), "deleted": True})


def _emit_settime(
    observer: Observer, call: Call, event: str, args: dict[str, Attribute], fd: int | None = None
) -> None:
    if call.signed(1) & _ABSOLUTE:
        args["absolute"] = True
    found = observer.descriptor(call.task.proc, fd) if fd is not None else None
    observer.emit(
        call,
        event,
        object=found.object if found is not None else None,
        fd=fd,
        args=args | _times(*call.note),
    )


# -- timerfd: the kernel itself says whether one is armed (fdinfo) --------------------------------


def leave_timerfd_create(observer: Observer, call: Call) -> None:
    clock: Attribute = _CLOCKS.get(call.signed(0), call.signed(0))
    found = None
    if call.ok and call.result is not None:
        found = observer.note_descriptor(call.task.proc, call.result)
    observer.emit(
        call,
        "time.timer",
        object=found.object if found is not None else None,
        fd=call.result if call.ok else None,
        args={"clock": clock},
    )


def leave_timerfd_settime(observer: Observer, call: Call) -> None:
    _emit_settime(observer, call, "time.timer", {}, call.signed(0))


ROWS: dict[str, Row] = {
    "alarm": Row(leave=leave_alarm),
    "setitimer": Row(enter=enter_setitimer, leave=leave_setitimer),
    "timer_create": Row(leave=leave_timer_create),
    "timer_settime": Row(enter=enter_settime, leave=leave_timer_settime, ending=left_behind),
    "timer_delete": Row(leave=leave_timer_delete),
    "timerfd_create": Row(leave=leave_timerfd_create),
    "timerfd_settime": Row(enter=enter_settime, leave=leave_timerfd_settime),
}
