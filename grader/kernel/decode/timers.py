"""Owns what a process has armed that will end a wait without anybody's help: alarm(2), interval
and POSIX timers (signals), timerfd (a descriptor). Events signal.timer and time.timer.

Proc.state["timers"] holds the armed ones: their key to whether they fire again and again.
"""

from __future__ import annotations

import signal
import struct

from grader.kernel import proc
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call, Proc, Task

REAL = "real"
"""The one real-time interval timer that alarm(2) and setitimer(2) share."""
_ITIMER_REAL = 0
_NANOSECONDS = 1_000_000_000
TimerKey = str | tuple[str, int]


def timers(process: Proc) -> dict[TimerKey, bool]:
    """The armed timers of a process, and whether each is periodic."""
    armed: dict[TimerKey, bool] = process.state.setdefault("timers", {})
    return armed


def set_timer(process: Proc, key: TimerKey, first: int, again: int) -> None:
    """A timer was set to go off after `first` units, then every `again`; 0 disarms it."""
    if first:
        timers(process)[key] = again > 0
    else:
        timers(process).pop(key, None)


def went_off(task: Task, number: int, code: int, timer: int) -> None:
    """A signal was delivered: the one-shot timer that sent it is no longer armed.

    code: si_code; timer: si_tid where code is SI_TIMER (sigaction(2)).
    """
    key: TimerKey | None = None
    if code == -2:  # SI_TIMER
        key = ("posix", timer)
    elif number == signal.SIGALRM:
        key = REAL
    armed = timers(task.proc)
    if key is not None and armed.get(key) is False:
        del armed[key]


def armed(process: Proc) -> bool:
    """Whether any timer of this process can still wake somebody."""
    known = process.state.get("timers")
    if known:
        pending = proc.pending_signals(process.pid)
        alarm_waits = bool(pending >> (signal.SIGALRM - 1) & 1)
        # an alarm that is pending and blocked has done all that it can
        if any(key != REAL or not alarm_waits for key in known):
            return True
    for fd, target in proc.descriptors(process.pid).items():
        if target == "anon_inode:[timerfd]":
            left = proc.fdinfo(process.pid, fd).get("it_value", "(0, 0)")
            if left != "(0, 0)":
                return True
    return False


def leave_alarm(observer: Observer, call: Call) -> None:
    seconds = call.unsigned(0)
    set_timer(call.task.proc, REAL, seconds, 0)
    observer.emit(call, "signal.timer", args={"timer": "alarm", "ms": seconds * 1000})


def _interval(observer: Observer, call: Call, address: int, unit: int) -> tuple[int, int]:
    """(first, again) in ms, at least 1 where it is not 0, of itimerval or itimerspec."""
    raw = observer.read(call.task, address, 32)
    if raw is None or len(raw) < 32:
        return 0, 0
    again_s, again, first_s, first = struct.unpack("=4q", raw)

    def milliseconds(seconds: int, part: int) -> int:
        whole = seconds * 1000 + part * 1000 // unit
        return max(whole, 1) if seconds or part else 0

    return milliseconds(first_s, first), milliseconds(again_s, again)


def leave_setitimer(observer: Observer, call: Call) -> None:
    first, again = _interval(observer, call, call.args[1], 1_000_000)
    real = call.signed(0) == _ITIMER_REAL
    if call.ok and real:  # the others count CPU time, which nobody uses in his sleep
        set_timer(call.task.proc, REAL, first, again)
    name = "real" if real else "cpu"
    observer.emit(call, "signal.timer", args={"timer": name, "ms": first, "every_ms": again})


def leave_timer_create(observer: Observer, call: Call) -> None:
    raw = observer.read(call.task, call.args[2], 4) if call.ok else None
    if raw is not None and len(raw) == 4:
        observer.emit(call, "signal.timer", args={"timer": int.from_bytes(raw, "little")})


def leave_timer_settime(observer: Observer, call: Call) -> None:
    first, again = _interval(observer, call, call.args[2], _NANOSECONDS)
    timer = call.signed(0)
    if call.ok:
        set_timer(call.task.proc, ("posix", timer), first, again)
    observer.emit(call, "signal.timer", args={"timer": timer, "ms": first, "every_ms": again})


def leave_timer_delete(observer: Observer, call: Call) -> None:
    timers(call.task.proc).pop(("posix", call.signed(0)), None)


def leave_timerfd(observer: Observer, call: Call) -> None:
    """timerfd_settime(2): the kernel itself says later whether it is armed (fdinfo)."""
    first, again = _interval(observer, call, call.args[2], _NANOSECONDS)
    observer.emit(call, "time.timer", fd=call.signed(0), args={"ms": first, "every_ms": again})


ROWS: dict[str, Row] = {
    "alarm": Row(leave=leave_alarm),
    "setitimer": Row(leave=leave_setitimer, delivered=went_off),
    "timer_create": Row(leave=leave_timer_create),
    "timer_settime": Row(leave=leave_timer_settime),
    "timer_delete": Row(leave=leave_timer_delete),
    "timerfd_settime": Row(leave=leave_timerfd),
}
