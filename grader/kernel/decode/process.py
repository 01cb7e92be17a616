"""Owns the events process.*: fork, exec, wait, exit (fork and exit arise in the observer)."""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Iterator

from grader.kernel import lives, proc
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute, Holder
from grader.trace.names import signal_name

_CLONE_EVENTS = {"fork", "vfork", "clone", "clone3"}
_WNOWAIT = 0x01000000
# siginfo_t si_code of SIGCHLD (include/uapi/asm-generic/siginfo.h)
_CLD_EXITED, _CLD_KILLED, _CLD_DUMPED, _CLD_STOPPED, _CLD_CONTINUED = 1, 2, 3, 5, 6
# include/uapi/linux/wait.h
_P_ALL, _P_PID, _P_PGID, _P_PIDFD = 0, 1, 2, 3


def leave_fork(observer: Observer, call: Call) -> None:
    """Only a failed fork is left to tell: the fork event told of the other."""
    if not call.ok:
        observer.emit(call, "process.fork")


def blocked_vfork(observer: Observer, call: Call) -> Blocked | None:
    child = lives.vfork_child(observer, call)
    if child is None:
        return None
    return Blocked("exec or exit of its vfork child", (Holder(process=child.id),))


def enter_exec(observer: Observer, call: Call) -> bool:
    path = observer.read(call.task, call.args[1 if call.name == "execveat" else 0], 4096) or b""
    call.note = path.partition(b"\0")[0]
    return True


def leave_exec(observer: Observer, call: Call) -> None:
    if not call.ok:
        path = call.note.decode("utf-8", "backslashreplace")
        observer.emit(call, "process.exec", args={"path": path})


def _reaped(observer: Observer, call: Call, inner: int, args: dict[str, Attribute]) -> None:
    child = observer.by_inner(inner)
    if child is not None and ("status" in args or "signal" in args) and "nowait" not in args:
        child.reaped_by = call.task.proc.id
    if child is not None and ("stopped" in args or "continued" in args):
        observer.settle(child)
    target = child.id if child is not None else str(inner)
    observer.emit(call, "process.wait", target=target, args=args)


def wait_status(status: int) -> dict[str, Attribute]:
    """A wait status in words: status, signal, stopped or continued."""
    if os.WIFEXITED(status):
        return {"status": os.WEXITSTATUS(status)}
    if os.WIFSIGNALED(status):
        return {"signal": signal_name(os.WTERMSIG(status))}
    if os.WIFSTOPPED(status):
        return {"stopped": signal_name(os.WSTOPSIG(status))}
    return {"continued": "SIGCONT"}


def leave_wait4(observer: Observer, call: Call) -> None:
    looked = _looked(call.signed(2))
    if call.result == 0:
        wanted = call.signed(0)
        observer.emit(call, "process.wait", args={**looked, "asked": _asked(observer, wanted)})
        return
    if call.result is None or call.result < 0:
        observer.emit(call, "process.wait", args=looked)
        return
    raw = observer.read(call.task, call.args[1], 4) if call.args[1] else None
    if raw is not None and len(raw) == 4:
        args = wait_status(int.from_bytes(raw, "little", signed=True))
    else:
        args = _known_end(observer, call.result)
    _reaped(observer, call, call.result, {**args, **looked})


def _looked(options: int) -> dict[str, Attribute]:
    """Whether a wait only looked. One that did so in vain also says which child it `asked` for."""
    return {"nohang": True} if options & os.WNOHANG else {}


def _asked(observer: Observer, inner: int) -> str:
    if inner <= 0:
        return "any"
    child = observer.by_inner(inner)
    return child.id if child is not None else str(inner)


def _known_end(observer: Observer, inner: int) -> dict[str, Attribute]:
    """What the caller did not ask for, from what we saw ourselves."""
    child = observer.by_inner(inner)
    if child is None or child.alive:
        return {}
    return {"signal": child.exit} if isinstance(child.exit, str) else {"status": child.exit}


def _vanished(observer: Observer, call: Call) -> Proc | None:
    """The child that a wait without any report reaped: it has ended and is no zombie any more."""
    for child in observer.processes:
        ended = not child.alive and child.reaped_by is None
        if ended and child.parent is call.task.proc and proc.stat(child.pid) is None:
            return child
    return None


def leave_waitid(observer: Observer, call: Call) -> None:
    looked = _looked(call.signed(3))
    info = observer.read(call.task, call.args[2], 32) if call.ok and call.args[2] else None
    if info is None or len(info) < 32:
        child = _vanished(observer, call) if call.ok else None
        if child is not None:
            end = _known_end(observer, child.inner_pid)
            _reaped(observer, call, child.inner_pid, {**end, **looked})
        else:
            observer.emit(call, "process.wait", args=looked)
        return
    number, _error, code = struct.unpack_from("=iii", info)
    inner, _uid, status = struct.unpack_from("=iIi", info, 16)
    if number != signal.SIGCHLD or not inner:
        wanted = call.signed(1) if call.unsigned(0) == _P_PID else 0
        observer.emit(call, "process.wait", args={**looked, "asked": _asked(observer, wanted)})
        return
    args: dict[str, Attribute]
    if code == _CLD_EXITED:
        args = {"status": status}
    elif code in (_CLD_KILLED, _CLD_DUMPED):
        args = {"signal": signal_name(status)}
    elif code == _CLD_CONTINUED:
        args = {"continued": signal_name(status)}
    else:
        args = {"stopped": signal_name(status)}
    if call.unsigned(3) & _WNOWAIT:
        args["nowait"] = True
    _reaped(observer, call, inner, {**args, **looked})


def _awaited(observer: Observer, call: Call) -> Iterator[Proc]:
    """The live children that a wait4 or waitid names. By the kernel's word on whose they are: who
    is a subreaper has those of its descendants, too."""
    own = call.task.proc
    if call.name == "waitid":
        way, wanted = call.unsigned(0), call.signed(1)
    else:
        wanted = call.signed(0)
        way = _P_ALL if wanted == -1 else _P_PID if wanted > 0 else _P_PGID
    if way == _P_PIDFD:
        way, wanted = _P_PID, proc.pidfd_target(own.view, wanted)
    leader = observer.by_inner(abs(wanted)) if wanted else own
    known = proc.stat(own.pid) if leader is own else None
    group = known.group if known is not None else leader.pid if leader is not None else 0
    for child in observer.live():
        known = proc.stat(child.pid)
        if known is None or known.parent != own.pid:
            continue
        if way == _P_PID and child.inner_pid != wanted:
            continue
        if way == _P_PGID and group and known.group != group:
            continue
        yield child


def blocked_wait(observer: Observer, call: Call) -> Blocked | None:
    """wait4 and waitid sleep until one of the children they name changes state."""
    children = list(_awaited(observer, call))
    names = " or ".join(p.id for p in children) or "a child"
    return Blocked(f"exit of {names}", tuple(Holder(process=p.id) for p in children))


ROWS: dict[str, Row] = {
    "fork": Row(leave=leave_fork),
    "vfork": Row(leave=leave_fork, blocked=blocked_vfork),
    "clone": Row(leave=leave_fork, blocked=blocked_vfork),
    "clone3": Row(leave=leave_fork, blocked=blocked_vfork),
    "execve": Row(enter=enter_exec, leave=leave_exec),
    "execveat": Row(enter=enter_exec, leave=leave_exec),
    "wait4": Row(leave=leave_wait4, blocked=blocked_wait),
    "waitid": Row(leave=leave_waitid, blocked=blocked_wait),
}
