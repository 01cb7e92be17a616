"""Owns how descriptors come, change and go: pipe, dup, close, and what fcntl and ioctl set on them
(what open(2) makes is told in `decode.files`)."""

from __future__ import annotations

import os
import struct

from grader.kernel import abi, abi_files, closing, proc
from grader.kernel.decode.io import FAMILY
from grader.kernel.flags import flag_names
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

_CLOSE_RANGE_UNSHARE, _CLOSE_RANGE_CLOEXEC = 2, 4
_PIPE_FLAGS = {
    abi_files.O_CLOEXEC: "O_CLOEXEC",
    abi_files.O_NONBLOCK: "O_NONBLOCK",
    os.O_DIRECT: "O_DIRECT",
}
_STATUS_FLAGS = {
    abi_files.O_APPEND: "O_APPEND",
    abi_files.O_NONBLOCK: "O_NONBLOCK",
    0o20000: "O_ASYNC",
    os.O_DIRECT: "O_DIRECT",
}
"""What F_SETFL can change (fcntl(2)); it ignores every other bit."""
_CHANGEABLE = sum(_STATUS_FLAGS)


def leave_pipe(observer: Observer, call: Call) -> None:
    """pipe(2), pipe2(2): two new descriptors, the read end first."""
    args: dict[str, Attribute] = {}
    if call.name == "pipe2" and call.unsigned(1):
        args["flags"] = flag_names(call.unsigned(1), _PIPE_FLAGS)
    raw = observer.read(call.task, call.args[0], 8) if call.ok else None
    if raw is None or len(raw) < 8:
        observer.emit(call, "pipe.create", args=args)
        return
    read_fd, write_fd = struct.unpack("=ii", raw)
    process = call.task.proc
    reader = observer.note_descriptor(process, read_fd)
    observer.note_descriptor(process, write_fd)
    found = reader.object if reader is not None else None
    if found is not None:
        found.created_by = process.id
    ends: dict[str, Attribute] = {"read_fd": read_fd, "write_fd": write_fd}
    observer.emit(call, "pipe.create", object=found, args=ends | args)


def enter_close(observer: Observer, call: Call) -> bool:
    """close(2) always frees an open descriptor, whatever it returns. It is told before it takes
    effect, so that it comes before what it causes: the end of file, the next one's lock."""
    process, fd = call.task.proc, call.signed(0)
    descriptor = observer.descriptor(process, fd)
    process.files.dull.discard(fd)
    if descriptor is not None:
        process.files.drop(fd)
        closing.emit_close(
            observer, process, fd, descriptor, call.name, place=observer.call_place(call)
        )
    return False


def enter_close_range(observer: Observer, call: Call) -> bool:
    first, last = call.unsigned(0), call.unsigned(1)
    if call.unsigned(2) & _CLOSE_RANGE_CLOEXEC:
        return False
    files = call.task.proc.files
    files.dull -= {fd for fd in files.dull if first <= fd <= last}
    return any(first <= fd <= last for fd in files)


def leave_close_range(observer: Observer, call: Call) -> None:
    process = call.task.proc
    if not call.ok:
        return
    if call.unsigned(2) & _CLOSE_RANGE_UNSHARE:
        process.files = process.files.copy()
    first, last = call.unsigned(0), call.unsigned(1)
    for fd in sorted(fd for fd in process.files if first <= fd <= last):
        descriptor = process.files.drop(fd)
        if descriptor is not None:
            place = observer.call_place(call)
            closing.emit_close(observer, process, fd, descriptor, call.name, place=place)


def enter_dup(observer: Observer, call: Call) -> bool:
    """dup, dup2, dup3: of interest if either descriptor is."""
    process = call.task.proc
    call.descriptor = observer.descriptor(process, call.signed(0))
    if call.name != "dup":
        call.note = process.files.get(call.signed(1))
        if call.descriptor is not None:
            process.files.dull.discard(call.signed(1))
    return call.descriptor is not None or call.note is not None


def leave_dup(observer: Observer, call: Call) -> None:
    if not call.ok or call.result is None or call.result == call.signed(0):
        return
    process = call.task.proc
    if call.note is not None:
        process.files.drop(call.result)
        place = observer.call_place(call)
        closing.emit_close(observer, process, call.result, call.note, call.name, place=place)
    _duplicated(observer, call)


def _duplicated(observer: Observer, call: Call) -> None:
    assert call.result is not None
    new = observer.note_descriptor(call.task.proc, call.result)
    if new is not None and new.object.kind in ("pipe", "fifo", "file", "socket"):
        args: dict[str, Attribute] = {"new_fd": call.result}
        if _closes_at_exec(call):
            args["flags"] = ["O_CLOEXEC"]
        observer.emit(
            call, f"{new.object.kind}.dup", object=new.object, fd=call.signed(0), args=args
        )


def leave_pidfd_getfd(observer: Observer, call: Call) -> None:
    """pidfd_getfd(2): a descriptor of another process (target) becomes one of ours too."""
    if not call.ok or call.result is None:
        return
    process = call.task.proc
    new = observer.note_descriptor(process, call.result)
    if new is None or new.object.kind not in FAMILY:
        return
    pid = int(proc.fdinfo(process.view, call.signed(0)).get("Pid", "-1"))
    other = next((known for known in observer.processes if known.pid == pid), None)
    observer.emit(
        call,
        f"{FAMILY[new.object.kind]}.dup",
        object=new.object,
        fd=call.signed(1),
        target=other.id if other is not None else None,
        args={"new_fd": call.result},
    )


def _closes_at_exec(call: Call) -> bool:
    if call.name == "fcntl":
        return call.signed(1) == abi.F_DUPFD_CLOEXEC
    return call.name == "dup3" and bool(call.unsigned(2) & abi_files.O_CLOEXEC)


# -- fcntl, ioctl -------------------------------------------------------------------------------

_DUPLICATES = (abi.F_DUPFD, abi.F_DUPFD_CLOEXEC)
_SETTINGS = (abi_files.F_SETFD, abi_files.F_SETFL)
_IOCTLS: dict[int, tuple[str, bool]] = {
    abi_files.FIOCLEX: ("FD_CLOEXEC", True),
    abi_files.FIONCLEX: ("FD_CLOEXEC", False),
    abi_files.FIONBIO: ("O_NONBLOCK", True),
}
"""Requests that do what fcntl does: the flag, and whether it is set (FIONBIO: by its argument)."""


def enter_fcntl(observer: Observer, call: Call) -> bool:
    """Locks are told in `decode.locks`; questions are of no interest."""
    command = call.signed(1)
    if command not in (*_DUPLICATES, *_SETTINGS, abi.F_SETPIPE_SZ):
        return False
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in FAMILY


def leave_fcntl(observer: Observer, call: Call) -> None:
    command = call.signed(1)
    if command in _DUPLICATES:
        if call.ok:
            _duplicated(observer, call)
    elif command == abi_files.F_SETFL:
        _settled(observer, call, flag_names(call.unsigned(2) & _CHANGEABLE, _STATUS_FLAGS))
    elif command == abi_files.F_SETFD:
        on = call.unsigned(2) & abi_files.FD_CLOEXEC
        _settled(observer, call, ["FD_CLOEXEC"] if on else [], of="descriptor")
    else:
        assert call.descriptor is not None
        args: dict[str, Attribute] = {"asked": call.unsigned(2)}
        if call.ok:
            args["size"] = call.result
        found = call.descriptor.object
        event = f"{FAMILY[found.kind]}.resize"
        observer.emit(call, event, object=found, fd=call.signed(0), args=args)


def _settled(
    observer: Observer, call: Call, flags: list[int | str], *, of: str = "description"
) -> None:
    """`family.flags`: how the descriptor is used from now on. of: whether only this descriptor is
    meant (close at exec) or all that share its open file description (blocking or not)."""
    assert call.descriptor is not None
    found = call.descriptor.object
    args: dict[str, Attribute] = {"flags": flags, "of": of}
    event = f"{FAMILY[found.kind]}.flags"
    observer.emit(call, event, object=found, fd=call.signed(0), args=args)


def enter_ioctl(observer: Observer, call: Call) -> bool:
    if call.unsigned(1) not in _IOCTLS:
        return False
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in FAMILY


def leave_ioctl(observer: Observer, call: Call) -> None:
    """FIONBIO, FIOCLEX, FIONCLEX: by which interpreters make descriptors non-blocking or not
    inheritable."""
    flag, on = _IOCTLS[call.unsigned(1)]
    if flag == "O_NONBLOCK":
        raw = observer.read(call.task, call.args[2], 4) or b""
        on = any(raw)
    of = "descriptor" if flag == "FD_CLOEXEC" else "description"
    _settled(observer, call, [flag] if on else [], of=of)


ROWS: dict[str, Row] = {
    "pipe": Row(leave=leave_pipe),
    "pipe2": Row(leave=leave_pipe),
    "close": Row(enter=enter_close),
    "close_range": Row(enter=enter_close_range, leave=leave_close_range),
    "dup": Row(enter=enter_dup, leave=leave_dup),
    "dup2": Row(enter=enter_dup, leave=leave_dup),
    "dup3": Row(enter=enter_dup, leave=leave_dup),
    "pidfd_getfd": Row(leave=leave_pidfd_getfd),
    "fcntl": Row(enter=enter_fcntl, leave=leave_fcntl),
    "ioctl": Row(enter=enter_ioctl, leave=leave_ioctl),
}
