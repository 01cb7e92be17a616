"""Owns the locks on files, events lock.*: flock(2), fcntl(2) with its record locks and those of
open file descriptions (which lockf(3) is made of)."""

from __future__ import annotations

import os
from collections.abc import Iterator

from grader.kernel import abi_files, proc
from grader.kernel.filelocks import Held, Request, listed
from grader.kernel.objects import Descriptor, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Proc
from grader.trace.model import Holder

_TYPES = {
    abi_files.F_RDLCK: "shared",
    abi_files.F_WRLCK: "exclusive",
    abi_files.F_UNLCK: "unlock",
}
_OPERATIONS = {
    abi_files.LOCK_SH: "shared",
    abi_files.LOCK_EX: "exclusive",
    abi_files.LOCK_UN: "unlock",
}
_RECORD = {
    abi_files.F_GETLK: ("posix", False),
    abi_files.F_SETLK: ("posix", False),
    abi_files.F_SETLKW: ("posix", True),
    abi_files.F_OFD_GETLK: ("ofd", False),
    abi_files.F_OFD_SETLK: ("ofd", False),
    abi_files.F_OFD_SETLKW: ("ofd", True),
}
"""Commands of fcntl: the kind of lock, and whether the call waits for it."""
_TESTS = (abi_files.F_GETLK, abi_files.F_OFD_GETLK)


def _held(process: Proc) -> Held:
    found: Held = process.state.setdefault("locks", Held())
    return found


# -- flock, fcntl -------------------------------------------------------------------------------


def _take_descriptor(observer: Observer, call: Call) -> None:
    """Whatever is locked is of interest, wherever it lies."""
    process, fd = call.task.proc, call.signed(0)
    call.descriptor = observer.descriptor(process, fd)
    if call.descriptor is None:
        observer.objects.regard(process.view, fd)
        call.descriptor = observer.note_descriptor(process, fd)


def enter_flock(observer: Observer, call: Call) -> bool:
    _take_descriptor(observer, call)
    operation = call.unsigned(1)
    wait = not operation & abi_files.LOCK_NB
    type = "unknown"
    for bit, name in _OPERATIONS.items():
        if operation & ~abi_files.LOCK_NB == bit:
            type = name
    call.note = Request("flock", type, wait)
    return not _release(observer, call)


def enter_record(observer: Observer, call: Call) -> bool:
    """fcntl: only the commands of locks; struct flock is read before F_GETLK overwrites it."""
    command = call.signed(1)
    if command not in _RECORD:
        return False
    _take_descriptor(observer, call)
    kind, wait = _RECORD[command]
    raw = observer.read(call.task, call.args[2], abi_files.FLOCK.size)
    if raw is None or len(raw) < abi_files.FLOCK.size:
        call.note = Request(kind, "unknown", wait)
        return True
    type, whence, start, length, _pid = abi_files.FLOCK.unpack(raw)
    start += _base(call, whence)
    if length < 0:  # the bytes before start
        start, length = start + length, -length
    call.note = Request(kind, _TYPES.get(type, "unknown"), wait, start, length)
    return not _release(observer, call)


def _base(call: Call, whence: int) -> int:
    """What l_start counts from: the file's start, the position, the end."""
    pid, fd = call.task.proc.view, call.signed(0)
    if whence == os.SEEK_CUR:
        return int(proc.fdinfo(pid, fd).get("pos", "0"))
    if whence == os.SEEK_END:
        known = proc.target_stat(pid, fd)
        return known.st_size if known is not None else 0
    return 0


def _release(observer: Observer, call: Call) -> bool:
    """Tell an unlock before it takes effect, so that it comes before the next one's lock; False
    if this is none, or one that may fail."""
    request: Request = call.note
    if request.type != "unlock" or call.descriptor is None or request.start < 0:
        return False
    if call.name == "fcntl" and call.signed(1) in _TESTS:
        return False
    process, found = call.task.proc, call.descriptor.object
    if request.whole or not any(
        lock.kind == request.kind and not request.covers(lock)
        for lock in listed(process.view, call.signed(0))
    ):
        _replace(observer, process, (found, request.kind), None)
    args = request.args()
    del args["type"], args["wait"]
    call.result = 0
    observer.emit(call, "lock.release", object=found, fd=call.signed(0), args=args)
    return True


def leave_lock(observer: Observer, call: Call) -> None:
    request: Request = call.note
    found = call.descriptor.object if call.descriptor is not None else None
    if call.name == "fcntl" and call.signed(1) in _TESTS:
        _leave_test(observer, call, request, found)
        return
    args = request.args()
    event = "lock.acquire"
    if request.type == "unlock":
        del args["type"], args["wait"]
        event = "lock.release"
    elif call.ok and found is not None:
        _replace(observer, call.task.proc, (found, request.kind), request)
    observer.emit(call, event, object=found, fd=call.signed(0), args=args)


def _replace(
    observer: Observer, process: Proc, key: tuple[Object, str], lock: Request | None
) -> None:
    """Note a new lock, or none, for all who share the process's former one."""
    former = _held(process).get(key)
    sharers = [p for p in observer.live() if former is not None and _token(p, key) is former]
    for sharer in {*sharers, process} if lock is not None else sharers:
        if lock is not None:
            _held(sharer)[key] = lock
        else:
            del _held(sharer)[key]


def _token(process: Proc, key: tuple[Object, str]) -> Request | None:
    held: Held | None = process.state.get("locks")
    return held.get(key) if held else None


def _leave_test(observer: Observer, call: Call, request: Request, found: Object | None) -> None:
    """F_GETLK: who stands in the way of such a lock, if anyone does."""
    args = request.args()
    del args["wait"]
    target = None
    raw = observer.read(call.task, call.args[2], abi_files.FLOCK.size) if call.ok else None
    if raw is not None and len(raw) == abi_files.FLOCK.size:
        type, _whence, _start, _length, pid = abi_files.FLOCK.unpack(raw)
        args["free"] = type == abi_files.F_UNLCK
        holder = observer.by_inner(pid) if type != abi_files.F_UNLCK else None
        target = holder.id if holder is not None else None
    observer.emit(call, "lock.test", object=found, fd=call.signed(0), target=target, args=args)


# -- locks that go without being asked to -------------------------------------------------------


def closed(observer: Observer, process: Proc, descriptor: Descriptor, call: str) -> None:
    """`lock.release` by the end of a descriptor: a process loses its record locks with any
    descriptor of the file, the others go with the last one of their open file description."""
    held: Held | None = process.state.get("locks")
    if not held:
        return
    found = descriptor.object
    for key in [key for key in held if key[0] is found]:
        lock = held[key]
        if key[1] != "posix" and any(
            _token(p, key) is lock and _lists(p, found, key[1]) for p in observer.live()
        ):
            continue
        _replace(observer, process, key, None)
        observer.emit_plain(
            process, "lock.release", call=call, object=found, args={"kind": lock.kind}
        )


def _lists(process: Proc, found: Object, kind: str) -> bool:
    """Whether the kernel lists such a lock with a descriptor of this process."""
    return any(
        lock.kind == kind
        for fd, descriptor in process.files.items()
        if descriptor.object is found
        for lock in listed(process.view, fd)
    )


# -- waiting for a lock -------------------------------------------------------------------------


def blocked_lock(observer: Observer, call: Call) -> Blocked | None:
    """flock and F_SETLKW sleep until no lock of another owner is in the way."""
    request: Request = call.note
    if call.descriptor is None or not request.wait or request.type not in _TYPES.values():
        return None
    found = call.descriptor.object
    needs = "the exclusive lock" if request.type == "exclusive" else "a shared lock"
    if not request.whole:
        last = f"byte {request.start + request.length - 1}" if request.length else "the end"
        needs += f" from byte {request.start} to {last}"
    return Blocked(needs, tuple(_holders(observer, call, request)), found.id, call.signed(0))


def _holders(observer: Observer, call: Call, request: Request) -> Iterator[Holder]:
    """One descriptor of each process that has a lock in the way."""
    assert call.descriptor is not None
    found, waiter = call.descriptor.object, call.task.proc
    own = None
    if any(lock.kind == request.kind for lock in listed(waiter.view, call.signed(0))):
        own = _token(waiter, (found, request.kind))  # it converts a lock that it has
    family = ("flock",) if request.kind == "flock" else ("posix", "ofd")
    for process in observer.live():
        token = _token(process, (found, request.kind))
        if process is not waiter and own is not None and token is own:
            continue  # the same open file description
        for fd, descriptor in sorted(process.files.items()):
            if descriptor.object is not found or (process is waiter and fd == call.signed(0)):
                continue
            if any(
                lock.kind in family
                and not (process is waiter and lock.kind == request.kind == "posix")
                and (lock.exclusive or request.type == "exclusive")
                and request.overlaps(lock)
                for lock in listed(process.view, fd)
            ):
                yield Holder(process=process.id, fd=fd)
                break


ROWS: dict[str, Row] = {
    "flock": Row(enter=enter_flock, leave=leave_lock, blocked=blocked_lock, closing=closed),
    "fcntl": Row(enter=enter_record, leave=leave_lock, blocked=blocked_lock),
}
