"""Owns the System V semaphores, events sem.*: semget(2), semop(2), semctl(2).

values is the whole set as the kernel has it when the call's return is seen; another process that
runs meanwhile may have been quicker.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from grader.kernel import abi_ipc, ipc
from grader.kernel.decode import sysv
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Attribute

_MOST_VALUES = 64
"""Sets of more semaphores are not read out at each operation."""


class Operation(msgspec.Struct, frozen=True):
    """One struct sembuf: number of the semaphore, what is added to it (0: wait for zero)."""

    number: int
    change: int
    flags: int

    def __str__(self) -> str:
        return f"{self.number}:{self.change:+d}" if self.change else f"{self.number}:0"


class _Use(msgspec.Struct, frozen=True):
    """A semop under way, as it was asked for."""

    object: Object | None
    operations: tuple[Operation, ...]


def leave_get(observer: Observer, call: Call) -> None:
    sysv.opened(observer, call, abi_ipc.GET_FLAGS, nsems=call.signed(1))


def _values(found: Object | None) -> list[int] | None:
    if found is None:
        return None
    id, count = found.attributes.get("id"), found.attributes.get("nsems")
    if not isinstance(id, int) or not isinstance(count, int) or count > _MOST_VALUES:
        return None
    return ipc.semaphore_values(id, count)


def _with_values(args: dict[str, Attribute], found: Object | None) -> dict[str, Attribute]:
    values = _values(found)
    if values is not None:
        args["values"] = list(values)
    return args


# -- semop, semtimedop --------------------------------------------------------------------------


def enter_operation(observer: Observer, call: Call) -> bool:
    """Reads the operations before the call sleeps; the set may be removed meanwhile (EIDRM)."""
    found = sysv.object_of(observer, call, "sem", call.signed(0))
    layout = abi_ipc.SEMBUF
    count = min(call.unsigned(2), abi_ipc.SEM_MOST_OPERATIONS)
    raw = observer.read(call.task, call.args[1], layout.size * count) or b""
    whole = len(raw) - len(raw) % layout.size
    call.note = _Use(found, tuple(Operation(*item) for item in layout.iter_unpack(raw[:whole])))
    return True


def _any(operations: Iterable[Operation], flag: int) -> bool:
    return any(operation.flags & flag for operation in operations)


def leave_operation(observer: Observer, call: Call) -> None:
    use: _Use = call.note
    args: dict[str, Attribute] = {"operations": [str(item) for item in use.operations]}
    flags = list[int | str]()
    if _any(use.operations, abi_ipc.IPC_NOWAIT):
        flags.append("IPC_NOWAIT")
    if _any(use.operations, abi_ipc.SEM_UNDO):
        flags.append("SEM_UNDO")
    args["flags"] = flags
    if call.ok:
        _with_values(args, use.object)
        _note_undo(call.task.proc, use)
    observer.emit(call, "sem.op", object=use.object, args=args)


def blocked_operation(observer: Observer, call: Call) -> Blocked | None:
    """The first operation that cannot be done now, the earlier ones taken as done (semop(2))."""
    use: _Use = call.note
    found = use.object
    if found is None:
        return None
    timed = call.name == "semtimedop" and call.args[3] != 0
    needs = _needs(use.operations, _values(found))
    return Blocked(needs, sysv.holders(observer, call, found), found.id, timed=timed)


def _needs(operations: tuple[Operation, ...], values: list[int] | None) -> str:
    if values is None:
        return f"{', '.join(map(str, operations))} to be possible"
    now = list(values)
    for number, change, _flags in ((o.number, o.change, o.flags) for o in operations):
        if number >= len(now):
            break
        if change == 0 and now[number] != 0:
            return f"semaphore {number} to become 0 (it is {values[number]})"
        if change < 0 and now[number] < -change:
            short = -change + values[number] - now[number]
            return f"semaphore {number} to become at least {short} (it is {values[number]})"
        now[number] += change
    return "its turn"


# -- SEM_UNDO: what the kernel will take back when the process ends -----------------------------


def _undos(process: Proc) -> dict[Object, dict[int, int]]:
    found: dict[Object, dict[int, int]] = process.state.setdefault("undo", {})
    return found


def _note_undo(process: Proc, use: _Use) -> None:
    if use.object is None:
        return
    for operation in use.operations:
        if operation.flags & abi_ipc.SEM_UNDO and operation.change:
            adjust = _undos(process).setdefault(use.object, {})
            adjust[operation.number] = adjust.get(operation.number, 0) - operation.change


def _clear_undo(observer: Observer, found: Object, number: int | None) -> None:
    """Setting a value, or removing the set, makes every process forget (semctl(2))."""
    for process in observer.live():
        adjust = process.state.get("undo", {}).get(found)
        if adjust is not None and number is None:
            adjust.clear()
        elif adjust is not None:
            adjust.pop(number, None)


def end_undo(observer: Observer, process: Proc, call: str) -> None:
    """`sem.undo` as a process exits: what the kernel now adds on its behalf. Exec keeps it."""
    if call != "exit":
        return
    for found, adjust in process.state.pop("undo", {}).items():
        operations: list[int | str] = [
            str(Operation(number, change, 0)) for number, change in sorted(adjust.items()) if change
        ]
        if operations:
            observer.emit_plain(
                process, "sem.undo", call=call, object=found, args={"operations": operations}
            )


# -- semctl -------------------------------------------------------------------------------------


def leave_control(observer: Observer, call: Call) -> None:
    command = sysv.command_of(call)
    found: Object | None = call.note
    if command in (abi_ipc.SETVAL, abi_ipc.SETALL):
        _leave_set(observer, call, command)
    elif abi_ipc.GETPID <= command <= abi_ipc.GETZCNT:
        _leave_question(observer, call, command)
    elif command == abi_ipc.IPC_RMID:
        if call.ok and found is not None:
            _clear_undo(observer, found, None)
        sysv.removed(observer, call)
    elif command == abi_ipc.IPC_SET:
        sysv.changed(observer, call)
    else:
        sysv.described(observer, call, abi_ipc.SEM_COMMANDS, {})


def _leave_set(observer: Observer, call: Call, command: int) -> None:
    found: Object | None = call.note
    args: dict[str, Attribute] = {"command": abi_ipc.SEM_COMMANDS[command]}
    if command == abi_ipc.SETVAL:
        args |= {"number": call.signed(1), "value": call.signed(3)}
    if call.ok and found is not None:
        _clear_undo(observer, found, call.signed(1) if command == abi_ipc.SETVAL else None)
        _with_values(args, found)
    observer.emit(call, "sem.set", object=found, args=args)


def _leave_question(observer: Observer, call: Call, command: int) -> None:
    found: Object | None = call.note
    args: dict[str, Attribute] = {"command": abi_ipc.SEM_COMMANDS[command]}
    if command != abi_ipc.GETALL:
        args["number"] = call.signed(1)
    target = None
    if call.ok and command == abi_ipc.GETALL:
        _with_values(args, found)
    elif call.ok and command == abi_ipc.GETPID:
        last = observer.by_inner(call.result or 0)
        target = last.id if last is not None else None
    elif call.ok:
        args["value"] = call.result
    observer.emit(call, "sem.get", object=found, target=target, args=args)


_OPERATION = Row(
    gives=True,
    enter=enter_operation,
    leave=leave_operation,
    blocked=blocked_operation,
    ending=end_undo,
)

ROWS: dict[str, Row] = {
    "semget": Row(enter=sysv.enter_get, leave=leave_get),
    "semop": _OPERATION,
    "semtimedop": _OPERATION,
    "semctl": Row(enter=sysv.enter_control, leave=leave_control),
}
