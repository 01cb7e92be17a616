"""Owns what the System V families share (sysvipc(7)): objects by id, named by key, and their users.

An object is known by its id; its key, mode and size come from the kernel's own table.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.kernel import abi_ipc, ipc
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute, Holder

_UNIT = {"msg": None, "shm": "bytes", "sem": "nsems"}


def object_of(observer: Observer, call: Call, kind: str, id: int) -> Object | None:
    """The object with this id, noted as used by the caller; None if the kernel has none."""
    found = observer.objects.get((kind, id))
    if found is None:
        known = ipc.find(kind, id)
        if known is None:
            return None
        found = _named(observer, kind, known)
    uses(call.task.proc).add(found)
    return found


def _named(observer: Observer, kind: str, known: ipc.Listed) -> Object:
    identity = (kind, known.id)
    if known.key == abi_ipc.IPC_PRIVATE:
        found = observer.objects.numbered(identity, f"{kind}#", kind)
    else:
        found = observer.objects.named(identity, f"{kind}:{known.key}", kind)
    found.attributes |= {"key": known.key, "id": known.id, "mode": octal(known.mode)}
    unit = _UNIT[kind]
    if unit is not None:
        found.attributes[unit] = known.size
    return found


def uses(process: Proc) -> set[Object]:
    """The objects that a process (or the parent it is a copy of) has named in a call."""
    found: set[Object] = process.state.setdefault("sysv", set())
    return found


def holders(observer: Observer, call: Call, found: Object) -> tuple[Holder, ...]:
    """The live processes that have used the object; the waiter only for its other threads' sake."""
    return tuple(
        Holder(process=process.id)
        for process in observer.live()
        if found in process.state.get("sysv", ())
        and (process is not call.task.proc or len(process.tasks) > 1)
    )


def octal(mode: int) -> str:
    """Permissions as ls(1) and ipcs(1) count them: "0600"."""
    return f"{mode & 0o777:04o}"


# -- msgget, shmget, semget -------------------------------------------------------------------


def enter_get(_observer: Observer, call: Call) -> bool:
    """Keeps whether the key was taken before the call, and so whether this call creates."""
    kind = call.name.removesuffix("get")
    key, flags = call.unsigned(0), _flags(call)
    if key == abi_ipc.IPC_PRIVATE or not flags & abi_ipc.IPC_CREAT:
        call.note = key != abi_ipc.IPC_PRIVATE
    else:
        call.note = not flags & abi_ipc.IPC_EXCL and ipc.exists(kind, key)
    return True


def _flags(call: Call) -> int:
    return call.unsigned(1) if call.name == "msgget" else call.unsigned(2)


def opened(observer: Observer, call: Call, names: Mapping[int, str], **more: Attribute) -> None:
    """`kind.open` for a returned get call. Of two that raced to create, the first to return did."""
    kind = call.name.removesuffix("get")
    flags = _flags(call)
    args: dict[str, Attribute] = {"key": call.unsigned(0), **more}
    creating = flags & abi_ipc.IPC_CREAT or not call.unsigned(0)
    if creating:
        args["mode"] = octal(flags)
    args["flags"] = flag_names(flags & ~0o777, names)
    found = None
    if call.ok and call.result is not None:
        seen_before = observer.objects.get((kind, call.result)) is not None
        found = object_of(observer, call, kind, call.result)
        created = not call.note and not seen_before
        args |= {"id": call.result, "created": created}
        if found is not None and created:
            found.created_by = call.task.proc.id
    observer.emit(call, f"{kind}.open", object=found, args=args)


# -- msgctl, shmctl, semctl ---------------------------------------------------------------------


def command_of(call: Call) -> int:
    """The command of a control call, without the mark of old C libraries."""
    index = 2 if call.name == "semctl" else 1
    return call.unsigned(index) & ~abi_ipc.IPC_64


def enter_control(observer: Observer, call: Call) -> bool:
    """Keeps the object: after a removal the kernel no longer knows it."""
    kind = call.name.removesuffix("ctl")
    if command_of(call) not in abi_ipc.IPC_BY_INDEX[kind]:
        call.note = object_of(observer, call, kind, call.signed(0))
    return True


def removed(observer: Observer, call: Call, **more: Attribute) -> None:
    """`kind.remove` for IPC_RMID; a new object with the same key is another one."""
    kind = call.name.removesuffix("ctl")
    found: Object | None = call.note
    if call.ok and found is not None:
        found.removed_by = call.task.proc.id
        if kind != "shm":  # a segment lives on while it is attached, and may still be asked for
            observer.objects.forget((kind, call.signed(0)))
    observer.emit(call, f"{kind}.remove", object=found, args={"id": call.signed(0), **more})


def changed(observer: Observer, call: Call) -> None:
    """`kind.change` for IPC_SET: the new owner and mode (ipc_perm comes first in each struct)."""
    kind = call.name.removesuffix("ctl")
    args: dict[str, Attribute] = {"id": call.signed(0)}
    address = call.args[3 if kind == "sem" else 2]
    raw = observer.read(call.task, address, abi_ipc.IPC_PERMISSIONS.size)
    if raw is not None and len(raw) == abi_ipc.IPC_PERMISSIONS.size:
        _key, uid, gid, _cuid, _cgid, mode = abi_ipc.IPC_PERMISSIONS.unpack(raw)
        args |= {"mode": octal(mode), "uid": uid, "gid": gid}
        if call.ok and call.note is not None:
            call.note.attributes["mode"] = octal(mode)
    observer.emit(call, f"{kind}.change", object=call.note, args=args)


def described(
    observer: Observer, call: Call, names: Mapping[int, str], facts: Mapping[str, Attribute]
) -> None:
    """`kind.stat` for the commands that only ask."""
    kind = call.name.removesuffix("ctl")
    command = command_of(call)
    args: dict[str, Attribute] = {"command": names.get(command, hex(command)), **facts}
    observer.emit(call, f"{kind}.stat", object=call.note, args=args)


def asks_about_one(names: Mapping[int, str], command: int) -> bool:
    """Whether a command fills in the status of one object: IPC_STAT, MSG_STAT, SHM_STAT_ANY, …"""
    return "_STAT" in names.get(command, "")
