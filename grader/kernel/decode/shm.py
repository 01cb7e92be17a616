"""Owns the System V segments, events shm.*: shmget(2), shmop(2), shmctl(2)."""

from __future__ import annotations

from grader.kernel import abi_ipc
from grader.kernel.decode import sysv
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.segments import (
    Mapping,
    attachments,
    content,
    end_mappings,
    mappings,
)
from grader.kernel.tracee import Call
from grader.trace.model import Attribute


def leave_get(observer: Observer, call: Call) -> None:
    sysv.opened(observer, call, abi_ipc.SHM_GET_FLAGS, bytes=call.args[1])


def enter_attach(observer: Observer, call: Call) -> bool:
    call.note = sysv.object_of(observer, call, "shm", call.signed(0))
    return True


def leave_attach(observer: Observer, call: Call) -> None:
    """shmat(2): from now on every byte that the process stores there is seen by the others."""
    found: Object | None = call.note
    flags = call.unsigned(2)
    args: dict[str, Attribute] = {
        "id": call.signed(0),
        "access": "read" if flags & abi_ipc.SHM_RDONLY else "write",
        "flags": flag_names(flags, abi_ipc.SHM_FLAGS),
    }
    if call.ok and call.result is not None and found is not None:
        size = found.attributes.get("bytes")
        mappings(call.task.proc)[call.result] = Mapping(
            object=found,
            start=call.result,
            size=size if isinstance(size, int) else 0,
            offset=0,
            writable=not flags & abi_ipc.SHM_RDONLY,
            attached=True,
        )
        args |= {"address": hex(call.result), **attachments(observer, found)}
    observer.emit(call, "shm.attach", object=found, args=args)


def enter_detach(observer: Observer, call: Call) -> bool:
    """Reads the segment while it is still there to be read."""
    process = call.task.proc
    mapping = mappings(process).get(call.args[0])
    call.note = (mapping, content(observer, process, mapping) if mapping is not None else None)
    return True


def leave_detach(observer: Observer, call: Call) -> None:
    """shmdt(2): data is what the segment held as the call was made, size its bytes."""
    noted: tuple[Mapping | None, bytes | None] = call.note
    mapping, data = noted
    args: dict[str, Attribute] = {"address": hex(call.args[0])}
    if not call.ok or mapping is None:
        found = mapping.object if mapping is not None else None
        observer.emit(call, "shm.detach", object=found, args=args)
        return
    mappings(call.task.proc).pop(mapping.start, None)
    args |= {"size": mapping.size, **attachments(observer, mapping.object)}
    observer.emit(call, "shm.detach", object=mapping.object, data=data, args=args)


def leave_control(observer: Observer, call: Call) -> None:
    command = sysv.command_of(call)
    found: Object | None = call.note
    if command == abi_ipc.IPC_RMID:
        more = attachments(observer, found) if found is not None else {}
        sysv.removed(observer, call, **more)
    elif command == abi_ipc.IPC_SET:
        sysv.changed(observer, call)
    else:
        sysv.described(observer, call, abi_ipc.SHM_COMMANDS, _facts(observer, call, command))


def _facts(observer: Observer, call: Call, command: int) -> dict[str, Attribute]:
    if not call.ok or not sysv.asks_about_one(abi_ipc.SHM_COMMANDS, command):
        return {}
    size = observer.read(call.task, call.args[2] + abi_ipc.SHM_SIZE_AT, 8)
    count = observer.read(call.task, call.args[2] + abi_ipc.SHM_ATTACHED_AT, 8)
    if size is None or count is None:
        return {}
    return {"bytes": int.from_bytes(size, "little"), "attached": int.from_bytes(count, "little")}


ROWS: dict[str, Row] = {
    "shmget": Row(enter=sysv.enter_get, leave=leave_get),
    "shmat": Row(enter=enter_attach, leave=leave_attach, ending=end_mappings),
    "shmdt": Row(enter=enter_detach, leave=leave_detach),
    "shmctl": Row(enter=sysv.enter_control, leave=leave_control),
}
