"""Owns the events signal.*: dispositions, masks, sending, pending, waiting. Deliveries, stops and
continues arise at the stops that the kernel makes for them (`delivery`, `stops`).

The kernel discards a signal that is ignored when it is sent, but not that of a traced process: the
tracer sees its delivery, so `signal.deliver` with action "ignored" tells of it.
"""

from __future__ import annotations

from grader.kernel import abi, abi_signal, delivery, proc
from grader.kernel.flags import flag_names
from grader.kernel.interruption import RESTARTING
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc, Task
from grader.trace.model import Attribute, Holder
from grader.trace.names import signal_name


def signals_of(mask: int) -> list[int | str]:
    """The names of the signals in a mask (bit n-1 for signal n)."""
    return [signal_name(number) for number in range(1, 65) if mask >> (number - 1) & 1]


def read_mask(observer: Observer, call: Call, address: int) -> int | None:
    """A kernel sigset_t; None where there is none."""
    raw = observer.read(call.task, address, 8) if address else None
    return int.from_bytes(raw, "little") if raw is not None and len(raw) == 8 else None


# -- dispositions ---------------------------------------------------------------------------------


def enter_action(observer: Observer, call: Call) -> bool:
    """Of interest if it changes something that is not the C library's own: its signals, and what
    posix_spawn(3) resets in a child whose signals it blocks."""
    own = call.signed(0) in abi_signal.LIBC_SIGNALS or call.task.shielded
    if own or not call.args[1]:
        return False
    layout = abi_signal.SIGACTION
    raw = observer.read(call.task, call.args[1], layout.size)
    call.note = layout.unpack(raw) if raw is not None and len(raw) == layout.size else None
    return True


def leave_action(observer: Observer, call: Call) -> None:
    """signal.handler, signal.ignore, signal.default; blocks: what the handler blocks besides."""
    number = call.signed(0)
    args: dict[str, Attribute] = {"signal": signal_name(number)}
    if call.note is None:
        observer.emit(call, "signal.handler", args=args)
        return
    handler, flags, _restorer, mask = call.note
    event = {abi_signal.SIG_DFL: "signal.default", abi_signal.SIG_IGN: "signal.ignore"}.get(
        handler, "signal.handler"
    )
    args["flags"] = flag_names(flags & ~abi_signal.SA_RESTORER, abi_signal.SA_FLAGS)
    if mask and event == "signal.handler":
        args["blocks"] = signals_of(mask & ~abi_signal.UNBLOCKABLE)
    if call.ok:
        restarting: set[int] = call.task.proc.state.setdefault(RESTARTING, set())
        restarting.discard(number)
        if flags & abi_signal.SA_RESTART:
            restarting.add(number)
    observer.emit(call, event, args=args)


def enter_other_stack(observer: Observer, call: Call) -> bool:
    """sigaltstack(2) makes no event; where handlers run tells whether one is running."""
    layout = abi_signal.STACK
    raw = observer.read(call.task, call.args[0], layout.size) if call.args[0] else None
    if raw is not None and len(raw) == layout.size:
        start, flags, size = layout.unpack(raw)
        off = flags & abi_signal.SS_DISABLE
        call.task.other_stack = range(0) if off else range(start, start + size)
    return False


# -- masks ----------------------------------------------------------------------------------------


def enter_mask(observer: Observer, call: Call) -> bool:
    """Whether the program itself changes its mask.

    The C library's own sections (pthread_create, posix_spawn, …) block every signal and then set
    the mask back. Their mask has signals that no program can name, or it is a constant of the
    library, where a program's own is a variable.
    """
    new = read_mask(observer, call, call.args[1])
    if new is None:
        return False
    task, how = call.task, call.signed(0)
    if (
        how != abi_signal.SIG_UNBLOCK
        and new & abi_signal.ALL == abi_signal.ALL
        and (new != abi_signal.ALL or not proc.writable(task.proc.view, call.args[1]))
    ):
        task.shielded = True
        return False
    if how == abi_signal.SIG_SETMASK and task.shielded:
        task.shielded = False
        return False
    old = proc.blocked_signals(task.tid)
    new &= ~abi_signal.UNBLOCKABLE
    after = {
        abi_signal.SIG_BLOCK: old | new,
        abi_signal.SIG_UNBLOCK: old & ~new,
        abi_signal.SIG_SETMASK: new,
    }.get(how)
    call.note = (old, after)
    return after != old


def leave_mask(observer: Observer, call: Call) -> None:
    """signals: those that changed; mask: all that are blocked now."""
    old, after = call.note
    if after is None or not call.ok:
        observer.emit(call, "signal.block")
        return
    mask = signals_of(after)
    for event, changed in (("signal.block", after & ~old), ("signal.unblock", old & ~after)):
        if changed:
            observer.emit(call, event, args={"signals": signals_of(changed), "mask": mask})


def leave_pending(observer: Observer, call: Call) -> None:
    mask = read_mask(observer, call, call.args[0]) or 0
    observer.emit(call, "signal.pending", args={"signals": signals_of(mask)})


# -- sending --------------------------------------------------------------------------------------

_NUMBER_AT = {
    "kill": 1,
    "tkill": 1,
    "tgkill": 2,
    "rt_sigqueueinfo": 1,
    "rt_tgsigqueueinfo": 2,
    "pidfd_send_signal": 1,
}
_THREAD_AT = {"tkill": 0, "tgkill": 1, "rt_tgsigqueueinfo": 1}
_INFO_AT = {"rt_sigqueueinfo": 2, "rt_tgsigqueueinfo": 3}
"""Which argument names the signal, which the one thread that is to get it, and which points to
the siginfo_t that it gets."""


def enter_send(observer: Observer, call: Call) -> bool:
    """Signal 0 only asks whether the process exists. To whom it goes is found out before it does:
    they may not live to its return."""
    number = call.signed(_NUMBER_AT[call.name])
    args: dict[str, Attribute] = {"signal": signal_name(number)}
    if call.name in _INFO_AT:
        raw = observer.read(call.task, call.args[_INFO_AT[call.name]], abi.SIGINFO.size)
        if raw is not None and len(raw) == abi.SIGINFO.size:
            args["value"] = abi.SIGINFO.unpack(raw)[-1]
    call.note = (_addressee(observer, call, args), args)
    return number != 0


def leave_send(observer: Observer, call: Call) -> None:
    if call.note is not None:
        target, args = call.note
        call.note = None
        observer.emit(call, "signal.send", target=target, args=args)


def arrives(observer: Observer, task: Task, number: int, code: int, sender: int) -> None:
    """A signal is seen where it arrives, which may be before the call that sent it returns: the
    cause is told first."""
    source = observer.by_inner(sender) if code in abi.SENT else None
    for other in source.tasks.values() if source is not None else ():
        call = other.call
        if (
            call is not None
            and call.name in _NUMBER_AT
            and call.note is not None
            and call.signed(_NUMBER_AT[call.name]) == number
            and call.note[0] in (task.proc.id, None)
        ):
            call.result = 0
            leave_send(observer, call)


def _addressee(observer: Observer, call: Call, args: dict[str, Attribute]) -> str | None:
    """The process that is meant, its PID where we do not know it; None for a group, whose
    processes are in args. thread: the one that is meant, by its index."""
    own = call.task.proc
    inner = call.signed(0)
    if call.name == "pidfd_send_signal":
        inner = proc.pidfd_target(own.view, call.signed(0))
    elif call.name == "kill" and inner <= 0:
        args["processes"] = [process.id for process in _group(observer, own, inner)]
        return None
    elif call.name in _THREAD_AT:
        thread = observer.by_thread(call.signed(_THREAD_AT[call.name]))
        if thread is not None:
            if thread.proc.threads > 1:
                args["thread"] = thread.index
            return thread.proc.id
    found = observer.by_inner(inner)
    return found.id if found is not None else str(inner)


def _group(observer: Observer, own: Proc, inner: int) -> list[Proc]:
    """Whom kill(2) means by 0 (the caller's process group), -1 (all others), -n (a group)."""
    if inner == -1:
        return [process for process in observer.live() if process is not own]
    leader = own if inner == 0 else observer.by_inner(-inner)
    known = proc.stat(own.pid) if inner == 0 else None
    group = known.group if known is not None else leader.pid if leader is not None else -1
    found: list[Proc] = []
    for process in observer.live():
        known = proc.stat(process.pid)
        if known is not None and known.group == group:
            found.append(process)
    return found


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
    sender = None
    if call.ok and call.result is not None:
        args["signal"] = signal_name(call.result)
        layout = abi.SIGINFO
        raw = observer.read(call.task, call.args[1], layout.size) if call.args[1] else None
        if raw is not None and len(raw) == layout.size:
            _number, _error, code, pid, _user, value = layout.unpack(raw)
            sender = delivery.sender(observer, call.result, code, pid)
            if code == abi.SI_QUEUE:
                args["value"] = value
    observer.emit(call, "signal.wait", target=sender, args=args)


def senders(observer: Observer, process: Proc) -> tuple[Holder, ...]:
    """Who could send this process a signal while one of its threads waits: every other live
    process, and its own other threads."""
    return tuple(
        Holder(process=other.id)
        for other in observer.live()
        if other is not process or len(process.tasks) > 1
    )


def blocked_suspend(observer: Observer, call: Call) -> Blocked | None:
    return Blocked("a signal", senders(observer, call.task.proc))


def blocked_timedwait(observer: Observer, call: Call) -> Blocked | None:
    names = " or ".join(map(str, signals_of(call.note or 0))) or "a signal"
    return Blocked(names, senders(observer, call.task.proc), timed=call.args[2] != 0)


def leave_signalfd(observer: Observer, call: Call) -> None:
    """signal.descriptor: made, or what it takes changed; signals: what it takes now."""
    mask = read_mask(observer, call, call.args[1]) or 0
    found = None
    if call.ok and call.result is not None:
        found = observer.note_descriptor(call.task.proc, call.result)
    if found is not None:
        found.object.attributes["signals"] = signals_of(mask)
    observer.emit(
        call,
        "signal.descriptor",
        object=found.object if found is not None else None,
        fd=call.result if call.ok else None,
        args={"signals": signals_of(mask)},
    )


_SEND = Row(enter=enter_send, leave=leave_send, cut=leave_send, delivered=arrives)

ROWS: dict[str, Row] = {
    "rt_sigaction": Row(enter=enter_action, leave=leave_action),
    "rt_sigprocmask": Row(enter=enter_mask, leave=leave_mask),
    "rt_sigpending": Row(leave=leave_pending),
    "sigaltstack": Row(enter=enter_other_stack),
    **dict.fromkeys(_NUMBER_AT, _SEND),
    "signalfd": Row(leave=leave_signalfd),
    "signalfd4": Row(leave=leave_signalfd),
    "pause": Row(leave=leave_suspend, blocked=blocked_suspend),
    "rt_sigsuspend": Row(enter=enter_suspend, leave=leave_suspend, blocked=blocked_suspend),
    "rt_sigtimedwait": Row(enter=enter_suspend, leave=leave_timedwait, blocked=blocked_timedwait),
}
