"""Owns the events signal.*: dispositions, masks, sending, pending, waiting. Deliveries, stops and
continues arise in the observer, at the stops that the kernel makes for them.

A signal that is ignored when it is sent is discarded by the kernel only for untraced processes:
a tracer sees its delivery, with action "ignored".
"""

from __future__ import annotations

import struct

from grader.kernel import proc
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute, Holder
from grader.trace.names import signal_name

_SIG_DFL, _SIG_IGN = 0, 1
# include/uapi/asm-generic/signal-defs.h
_FLAGS = {
    0x00000001: "SA_NOCLDSTOP",
    0x00000002: "SA_NOCLDWAIT",
    0x00000004: "SA_SIGINFO",
    0x08000000: "SA_ONSTACK",
    0x10000000: "SA_RESTART",
    0x40000000: "SA_NODEFER",
    0x80000000: "SA_RESETHAND",
}
_SA_RESTORER = 0x04000000
_SIG_BLOCK, _SIG_UNBLOCK, _SIG_SETMASK = 0, 1, 2
_ALL_BUT_LIBC = 0xFFFFFFFE7FFFFFFF
"""Every signal but 32 and 33, which the C library keeps for itself: its own critical sections
(pthread_create, posix_spawn, abort) block this much, programs do not."""


def signals_of(mask: int) -> list[int | str]:
    """The names of the signals in a mask (bit n-1 for signal n)."""
    return [signal_name(number) for number in range(1, 65) if mask >> (number - 1) & 1]


def read_mask(observer: Observer, call: Call, address: int) -> int | None:
    """A kernel sigset_t; None where there is none."""
    raw = observer.read(call.task, address, 8) if address else None
    return int.from_bytes(raw, "little") if raw is not None and len(raw) == 8 else None


# -- dispositions ---------------------------------------------------------------------------------


def enter_action(observer: Observer, call: Call) -> bool:
    return call.args[1] != 0


def leave_action(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {"signal": signal_name(call.signed(0))}
    raw = observer.read(call.task, call.args[1], 16)
    if raw is None or len(raw) < 16:
        observer.emit(call, "signal.handler", args=args)
        return
    handler, flags = struct.unpack("=QQ", raw)
    named: list[int | str] = [name for bit, name in _FLAGS.items() if flags & bit]
    unknown = flags & ~_SA_RESTORER & ~sum(_FLAGS)
    if unknown:
        named.append(hex(unknown))
    if named:
        args["flags"] = named
    event = {_SIG_DFL: "signal.default", _SIG_IGN: "signal.ignore"}.get(handler, "signal.handler")
    observer.emit(call, event, args=args)


# -- masks ----------------------------------------------------------------------------------------


def enter_mask(observer: Observer, call: Call) -> bool:
    """Whether the program itself changes its mask; the C library's own protections are left out."""
    new = read_mask(observer, call, call.args[1])
    if new is None:
        return False
    task, how = call.task, call.signed(0)
    protected: set[int] = task.proc.state.setdefault("libc_masks", set())
    if how != _SIG_UNBLOCK and new & _ALL_BUT_LIBC == _ALL_BUT_LIBC:
        protected.add(task.tid)
        return False
    if how == _SIG_SETMASK and task.tid in protected:
        protected.discard(task.tid)
        return False
    old = proc.blocked_signals(task.tid)
    after = {_SIG_BLOCK: old | new, _SIG_UNBLOCK: old & ~new, _SIG_SETMASK: new}.get(how, old)
    call.note = (old, after)
    return after != old


def leave_mask(observer: Observer, call: Call) -> None:
    old, after = call.note
    mask = signals_of(after)
    for event, changed in (("signal.block", after & ~old), ("signal.unblock", old & ~after)):
        if changed:
            observer.emit(call, event, args={"signals": signals_of(changed), "mask": mask})


def leave_pending(observer: Observer, call: Call) -> None:
    mask = read_mask(observer, call, call.args[0]) or 0
    observer.emit(call, "signal.pending", args={"signals": signals_of(mask)})


# -- sending --------------------------------------------------------------------------------------

_SIGNAL_ARGUMENT = {"kill": 1, "tkill": 1, "rt_sigqueueinfo": 1, "pidfd_send_signal": 1}


def leave_send(observer: Observer, call: Call) -> None:
    number = call.signed(_SIGNAL_ARGUMENT.get(call.name, 2))
    if number == 0:
        return  # only asks whether the process exists
    args: dict[str, Attribute] = {"signal": signal_name(number)}
    observer.emit(call, "signal.send", target=_target(observer, call, args), args=args)


def _target(observer: Observer, call: Call, args: dict[str, Attribute]) -> str:
    if call.name == "pidfd_send_signal":
        info = proc.fdinfo(call.task.proc.pid, call.signed(0))
        inner = int(info.get("NSpid", info.get("Pid", "0")).split()[-1])
    else:
        inner = call.signed(0)
    if call.name == "kill" and inner <= 0:
        group = "all" if inner == -1 else "own" if inner == 0 else str(-inner)
        args["group"] = group
        return f"group {group}"
    found = observer.by_inner(inner) or observer.by_thread(inner)
    return found.id if found is not None else str(inner)


# -- waiting --------------------------------------------------------------------------------------


def enter_suspend(observer: Observer, call: Call) -> bool:
    call.note = read_mask(observer, call, call.args[0])
    return True


def leave_suspend(observer: Observer, call: Call) -> None:
    """pause, rt_sigsuspend: they return after a handler has run, always with EINTR."""
    args: dict[str, Attribute] = {}
    if call.note is not None:
        args["mask"] = signals_of(call.note)
    observer.emit(call, "signal.wait", args=args)


def leave_timedwait(observer: Observer, call: Call) -> None:
    """sigwait, sigwaitinfo, sigtimedwait: the signal is taken, no handler runs."""
    args: dict[str, Attribute] = {"signals": signals_of(call.note or 0)}
    if call.ok and call.result is not None:
        args["signal"] = signal_name(call.result)
    observer.emit(call, "signal.wait", args=args)


def others(observer: Observer, process: Proc) -> tuple[Holder, ...]:
    """Every other live process of the run."""
    return tuple(Holder(process=p.id) for p in observer.live() if p is not process)


def blocked_suspend(observer: Observer, call: Call) -> Blocked | None:
    return Blocked("a signal", others(observer, call.task.proc))


def blocked_timedwait(observer: Observer, call: Call) -> Blocked | None:
    names = " or ".join(map(str, signals_of(call.note or 0))) or "a signal"
    return Blocked(names, others(observer, call.task.proc), timed=call.args[2] != 0)


def leave_signalfd(observer: Observer, call: Call) -> None:
    if not call.ok or call.result is None:
        return
    found = observer.note_descriptor(call.task.proc, call.result)
    mask = read_mask(observer, call, call.args[1]) or 0
    observer.emit(
        call,
        "signal.descriptor",
        object=found.object if found is not None else None,
        args={"signals": signals_of(mask)},
    )


_SEND = Row(leave=leave_send)

ROWS: dict[str, Row] = {
    "rt_sigaction": Row(enter=enter_action, leave=leave_action),
    "rt_sigprocmask": Row(enter=enter_mask, leave=leave_mask),
    "rt_sigpending": Row(leave=leave_pending),
    **dict.fromkeys(
        ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"),
        _SEND,
    ),
    "signalfd": Row(leave=leave_signalfd),
    "signalfd4": Row(leave=leave_signalfd),
    "pause": Row(leave=leave_suspend, blocked=blocked_suspend),
    "rt_sigsuspend": Row(enter=enter_suspend, leave=leave_suspend, blocked=blocked_suspend),
    "rt_sigtimedwait": Row(enter=enter_suspend, leave=leave_timedwait, blocked=blocked_timedwait),
}
