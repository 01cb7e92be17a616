"""Owns the POSIX message queues, events mq.*: mq_overview(7). A queue is a descriptor of its own
file system, so who could send or receive is whoever has it open."""

from __future__ import annotations

import msgspec

from grader.kernel import abi_ipc, ipc, proc
from grader.kernel.decode.io import open_ends
from grader.kernel.decode.sysv import octal
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute
from grader.trace.names import signal_name


class _Opening(msgspec.Struct, frozen=True):
    """name as the system call takes it: without the slash that mq_open(3) asks for."""

    name: bytes
    existed: bool


def _name(observer: Observer, call: Call) -> bytes:
    return (observer.read(call.task, call.args[0], 256) or b"").partition(b"\0")[0]


def _shown(name: bytes) -> str:
    return "/" + name.decode("utf-8", "backslashreplace")


def enter_open(observer: Observer, call: Call) -> bool:
    name, flags = _name(observer, call), call.unsigned(1)
    creating = flags & abi_ipc.O_CREAT and not flags & abi_ipc.O_EXCL
    call.note = _Opening(name, ipc.queue_exists(name) if creating else False)
    return True


def leave_open(observer: Observer, call: Call) -> None:
    """mq_open(2): with O_CREAT also the mode and the bounds that were asked for."""
    opening: _Opening = call.note
    flags = call.unsigned(1)
    named = [abi_ipc.ACCESS[flags & abi_ipc.O_ACCMODE]]
    args: dict[str, Attribute] = {
        "name": _shown(opening.name),
        "flags": [*named, *flag_names(flags & ~abi_ipc.O_ACCMODE, abi_ipc.OPEN_FLAGS)],
    }
    if flags & abi_ipc.O_CREAT:
        args["mode"] = octal(call.unsigned(2))
        args |= _attributes(observer, call, call.args[3], bounds_only=True)
    found = None
    if call.ok and call.result is not None:
        found = _opened(observer, call, opening, args)
        args["created"] = bool(flags & abi_ipc.O_CREAT) and not opening.existed
        if args["created"] and found is not None:
            found.created_by = found.created_by or call.task.proc.id
    observer.emit(call, "mq.open", object=found, fd=call.result if call.ok else None, args=args)


def _opened(
    observer: Observer, call: Call, opening: _Opening, args: dict[str, Attribute]
) -> Object | None:
    process, fd = call.task.proc, call.result
    assert fd is not None
    known = proc.target_stat(process.view, fd)
    if known is None:
        return None
    identity = ("inode", (known.st_dev, known.st_ino))
    found = observer.objects.named(identity, f"mq:{_shown(opening.name)}", "mq")
    observer.objects.alias(("mq", opening.name), found)
    found.attributes["name"] = _shown(opening.name)
    for key in ("mode", "maxmsg", "msgsize"):
        if key in args:
            found.attributes.setdefault(key, args[key])
    observer.note_descriptor(process, fd)
    return found


def _attributes(
    observer: Observer, call: Call, address: int, *, bounds_only: bool
) -> dict[str, Attribute]:
    """struct mq_attr in words; empty where there is none."""
    layout = abi_ipc.MQ_ATTR
    raw = observer.read(call.task, address, layout.size) if address else None
    if raw is None or len(raw) < layout.size:
        return {}
    flags, most, size, messages = layout.unpack(raw)
    bounds: dict[str, Attribute] = {"maxmsg": most, "msgsize": size}
    if bounds_only:
        return bounds
    return bounds | {"messages": messages, "flags": flag_names(flags, abi_ipc.OPEN_FLAGS)}


def enter_use(observer: Observer, call: Call) -> bool:
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return True


def _object(call: Call) -> Object | None:
    found = call.descriptor.object if call.descriptor is not None else None
    return found if found is not None and found.kind == "mq" else None


def leave_send(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {"priority": call.unsigned(3), "size": call.args[2]}
    moved, data = None, None
    if call.ok:
        moved = call.args[2]
        data = observer.data(call.task, call.args[1], moved) if moved else b""
    observer.emit(
        call, "mq.send", object=_object(call), bytes=moved, data=data, fd=call.signed(0), args=args
    )


def leave_receive(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {"size": call.args[2]}
    moved, data = None, None
    if call.ok and call.result is not None:
        moved = call.result
        data = observer.data(call.task, call.args[1], moved) if moved else b""
        raw = observer.read(call.task, call.args[3], 4) if call.args[3] else None
        if raw is not None:
            args["priority"] = int.from_bytes(raw, "little")
    observer.emit(
        call,
        "mq.receive",
        object=_object(call),
        bytes=moved,
        data=data,
        fd=call.signed(0),
        args=args,
    )


def _blocked(observer: Observer, call: Call, needs: str, end: str) -> Blocked | None:
    found = _object(call)
    if found is None:
        return None
    process = call.task.proc
    holders = tuple(
        holder
        for holder in open_ends(observer, found, end)
        if holder.process != process.id or len(process.tasks) > 1
    )
    return Blocked(needs, holders, found.id, call.signed(0), timed=call.args[4] != 0)


def blocked_send(observer: Observer, call: Call) -> Blocked | None:
    return _blocked(observer, call, "room in the queue", "read")


def blocked_receive(observer: Observer, call: Call) -> Blocked | None:
    return _blocked(observer, call, "a message", "write")


def leave_notify(observer: Observer, call: Call) -> None:
    """mq_notify(2): how the process wants to hear of a message in the empty queue."""
    layout = abi_ipc.SIGEVENT
    raw = observer.read(call.task, call.args[1], layout.size) if call.args[1] else None
    args: dict[str, Attribute] = {"by": "nothing"}
    if raw is not None and len(raw) == layout.size:
        _value, number, how = layout.unpack(raw)
        if how == abi_ipc.SIGEV_SIGNAL:
            args = {"by": "signal", "signal": signal_name(number)}
        elif how == abi_ipc.SIGEV_THREAD:
            args = {"by": "thread"}
    observer.emit(call, "mq.notify", object=_object(call), fd=call.signed(0), args=args)


def leave_attributes(observer: Observer, call: Call) -> None:
    """mq_getsetattr(2): `mq.change` if it sets the flags, else `mq.stat`."""
    changing = call.args[1] != 0
    args: dict[str, Attribute] = {}
    if changing:
        args["flags"] = _attributes(observer, call, call.args[1], bounds_only=False).get("flags")
    elif call.ok:
        args = _attributes(observer, call, call.args[2], bounds_only=False)
    event = "mq.change" if changing else "mq.stat"
    observer.emit(call, event, object=_object(call), fd=call.signed(0), args=args)


def enter_unlink(observer: Observer, call: Call) -> bool:
    call.note = _name(observer, call)
    return True


def leave_unlink(observer: Observer, call: Call) -> None:
    """mq_unlink(2): the name goes; the queue lives on while anyone has it open."""
    name: bytes = call.note
    found = observer.objects.get(("mq", name))
    if call.ok and found is not None:
        found.removed_by = call.task.proc.id
        observer.objects.forget(("mq", name))
    observer.emit(call, "mq.remove", object=found, args={"name": _shown(name)})


ROWS: dict[str, Row] = {
    "mq_open": Row(enter=enter_open, leave=leave_open),
    "mq_timedsend": Row(enter=enter_use, leave=leave_send, blocked=blocked_send, gives=True),
    "mq_timedreceive": Row(enter=enter_use, leave=leave_receive, blocked=blocked_receive),
    "mq_notify": Row(enter=enter_use, leave=leave_notify),
    "mq_getsetattr": Row(enter=enter_use, leave=leave_attributes),
    "mq_unlink": Row(enter=enter_unlink, leave=leave_unlink),
}
