"""Owns how descriptors come and go: pipe, dup, close, open as far as it makes one of interest."""

from __future__ import annotations

import struct

from grader.kernel import abi
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call

_CLOSE_RANGE_UNSHARE, _CLOSE_RANGE_CLOEXEC = 2, 4


def leave_pipe(observer: Observer, call: Call) -> None:
    """pipe(2), pipe2(2): two new descriptors, the read end first."""
    raw = observer.read(call.task, call.args[0], 8) if call.ok else None
    if raw is None or len(raw) < 8:
        observer.emit(call, "pipe.create")
        return
    read_fd, write_fd = struct.unpack("=ii", raw)
    process = call.task.proc
    reader = observer.note_descriptor(process, read_fd)
    observer.note_descriptor(process, write_fd)
    found = reader.object if reader is not None else None
    if found is not None:
        found.created_by = process.id
    observer.emit(
        call, "pipe.create", object=found, args={"read_fd": read_fd, "write_fd": write_fd}
    )


def enter_close(observer: Observer, call: Call) -> bool:
    process, fd = call.task.proc, call.signed(0)
    call.descriptor = process.files.get(fd) or observer.objects.descriptor(process.pid, fd)
    return call.descriptor is not None


def leave_close(observer: Observer, call: Call) -> None:
    """close(2) always frees the descriptor, also where it reports EINTR or EIO."""
    process, fd = call.task.proc, call.signed(0)
    process.files.pop(fd, None)
    if call.descriptor is not None:
        observer.emit_close(process, fd, call.descriptor, call.name)


def enter_close_range(observer: Observer, call: Call) -> bool:
    first, last = call.unsigned(0), call.unsigned(1)
    if call.unsigned(2) & _CLOSE_RANGE_CLOEXEC:
        return False
    return any(first <= fd <= last for fd in call.task.proc.files)


def leave_close_range(observer: Observer, call: Call) -> None:
    process = call.task.proc
    if not call.ok:
        return
    if call.unsigned(2) & _CLOSE_RANGE_UNSHARE:
        process.files = dict(process.files)
    first, last = call.unsigned(0), call.unsigned(1)
    for fd in sorted(fd for fd in process.files if first <= fd <= last):
        observer.emit_close(process, fd, process.files.pop(fd), call.name)


def enter_dup(observer: Observer, call: Call) -> bool:
    """dup, dup2, dup3: of interest if either descriptor is."""
    files = call.task.proc.files
    call.descriptor = files.get(call.signed(0))
    if call.name != "dup":
        call.note = files.get(call.signed(1))
    return call.descriptor is not None or call.note is not None


def leave_dup(observer: Observer, call: Call) -> None:
    if not call.ok or call.result is None or call.result == call.signed(0):
        return
    process = call.task.proc
    if call.note is not None:
        process.files.pop(call.result, None)
        observer.emit_close(process, call.result, call.note, call.name)
    _duplicated(observer, call)


def _duplicated(observer: Observer, call: Call) -> None:
    assert call.result is not None
    new = observer.note_descriptor(call.task.proc, call.result)
    if new is not None and new.object.kind in ("pipe", "fifo", "socket"):
        observer.emit(
            call,
            f"{new.object.kind}.dup",
            object=new.object,
            fd=call.signed(0),
            args={"new_fd": call.result},
        )


def enter_fcntl(observer: Observer, call: Call) -> bool:
    return (
        call.signed(1) in (abi.F_DUPFD, abi.F_DUPFD_CLOEXEC)
        and call.signed(0) in call.task.proc.files
    )


def leave_fcntl(observer: Observer, call: Call) -> None:
    if call.ok:
        _duplicated(observer, call)


def opened_path(observer: Observer, call: Call) -> bytes:
    """The path argument of open, openat or creat, as given; empty if unreadable."""
    address = call.args[1] if call.name.startswith("openat") else call.args[0]
    return (observer.read(call.task, address, 4096) or b"").partition(b"\0")[0]


def enter_open(observer: Observer, call: Call) -> bool:
    """While an interpreter starts, only the opening of the student's program matters."""
    process = call.task.proc
    if not process.runtime:
        return True
    if observer.objects.absolute(opened_path(observer, call)) == process.main_path:
        process.runtime = False
    return False


def leave_open(observer: Observer, call: Call) -> None:
    if call.ok and call.result is not None:
        observer.note_descriptor(call.task.proc, call.result)


ROWS: dict[str, Row] = {
    "pipe": Row(leave=leave_pipe),
    "pipe2": Row(leave=leave_pipe),
    "close": Row(enter=enter_close, leave=leave_close),
    "close_range": Row(enter=enter_close_range, leave=leave_close_range),
    "dup": Row(enter=enter_dup, leave=leave_dup),
    "dup2": Row(enter=enter_dup, leave=leave_dup),
    "dup3": Row(enter=enter_dup, leave=leave_dup),
    "fcntl": Row(enter=enter_fcntl, leave=leave_fcntl),
    "open": Row(enter=enter_open, leave=leave_open),
    "openat": Row(enter=enter_open, leave=leave_open),
    "creat": Row(enter=enter_open, leave=leave_open),
}
