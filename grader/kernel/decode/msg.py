"""Owns the System V message queues, events msg.*: msgget(2), msgop(2), msgctl(2)."""

from __future__ import annotations

from grader.kernel import abi_ipc, ipc
from grader.kernel.decode import sysv
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

_WORD = 8
"""Bytes of the long mtype before a message's text."""


def _long(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _type_at(observer: Observer, call: Call) -> int | None:
    raw = observer.read(call.task, call.args[1], _WORD)
    return int.from_bytes(raw, "little", signed=True) if raw and len(raw) == _WORD else None


def leave_get(observer: Observer, call: Call) -> None:
    sysv.opened(observer, call, abi_ipc.GET_FLAGS)


def enter_use(observer: Observer, call: Call) -> bool:
    """Keeps the queue: it may be removed while the call sleeps (EIDRM)."""
    call.note = sysv.object_of(observer, call, "msg", call.signed(0))
    return True


def leave_send(observer: Observer, call: Call) -> None:
    """msgsnd(2): type and text as the sender's buffer has them; size was asked for."""
    args: dict[str, Attribute] = {
        "type": _type_at(observer, call),
        "size": call.args[2],
        "flags": flag_names(call.unsigned(3), abi_ipc.MSG_FLAGS),
    }
    if not call.ok:
        observer.emit(call, "msg.send", object=call.note, args=args)
        return
    size = call.args[2]
    data = observer.data(call.task, call.args[1] + _WORD, size) if size else b""
    observer.emit(call, "msg.send", object=call.note, bytes=size, data=data, args=args)


def leave_receive(observer: Observer, call: Call) -> None:
    """msgrcv(2): the type that came, the type that was wanted (0: any, -n: up to n)."""
    args: dict[str, Attribute] = {
        "wanted": _long(call.args[3]),
        "size": call.args[2],
        "flags": flag_names(call.unsigned(4), abi_ipc.MSG_FLAGS),
    }
    if not call.ok or call.result is None:
        observer.emit(call, "msg.receive", object=call.note, args=args)
        return
    args["type"] = _type_at(observer, call)
    size = call.result
    data = observer.data(call.task, call.args[1] + _WORD, size) if size else b""
    observer.emit(call, "msg.receive", object=call.note, bytes=size, data=data, args=args)


def blocked_send(observer: Observer, call: Call) -> Blocked | None:
    found: Object | None = call.note
    if found is None:
        return None
    known = ipc.find("msg", call.signed(0))
    held = f" ({known.count} messages, {known.size} bytes in it)" if known is not None else ""
    needs = f"room in the queue{held}"
    return Blocked(needs, sysv.holders(observer, call, found), found.id)


def blocked_receive(observer: Observer, call: Call) -> Blocked | None:
    found: Object | None = call.note
    if found is None:
        return None
    known = ipc.find("msg", call.signed(0))
    held = ""
    if known is not None and known.count:
        held = f" (the queue holds {known.count} of other types)"
    needs = _wanted(_long(call.args[3]), call.unsigned(4)) + held
    return Blocked(needs, sysv.holders(observer, call, found), found.id)


def _wanted(wanted: int, flags: int) -> str:
    if wanted == 0:
        return "a message"
    if wanted < 0:
        return f"a message of type {-wanted} or lower"
    return f"a message {'not ' if flags & abi_ipc.MSG_EXCEPT else ''}of type {wanted}"


def leave_control(observer: Observer, call: Call) -> None:
    command = sysv.command_of(call)
    if command == abi_ipc.IPC_RMID:
        sysv.removed(observer, call)
    elif command == abi_ipc.IPC_SET:
        sysv.changed(observer, call)
    else:
        sysv.described(observer, call, abi_ipc.MSG_COMMANDS, _facts(observer, call, command))


def _facts(observer: Observer, call: Call, command: int) -> dict[str, Attribute]:
    if not call.ok or not sysv.asks_about_one(abi_ipc.MSG_COMMANDS, command):
        return {}
    layout = abi_ipc.MSG_STATUS
    raw = observer.read(call.task, call.args[2] + abi_ipc.MSG_STATUS_AT, layout.size)
    if raw is None or len(raw) < layout.size:
        return {}
    held, messages, capacity = layout.unpack(raw)
    return {"messages": messages, "held": held, "capacity": capacity}


ROWS: dict[str, Row] = {
    "msgget": Row(enter=sysv.enter_get, leave=leave_get),
    "msgsnd": Row(enter=enter_use, leave=leave_send, blocked=blocked_send, gives=True),
    "msgrcv": Row(enter=enter_use, leave=leave_receive, blocked=blocked_receive),
    "msgctl": Row(enter=sysv.enter_control, leave=leave_control),
}
