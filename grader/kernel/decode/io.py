"""Owns reading and writing through descriptors: read, write, their vectored forms, splice and
its kin. What a descriptor is decides the event's family."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from grader.kernel import proc
from grader.kernel.objects import Descriptor, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Task
from grader.trace.model import Holder

FAMILY = {"pipe": "pipe", "fifo": "fifo", "stdio": "file", "file": "file", "socket": "socket"}
"""Event family by kind of object."""
_STREAMS = ("pipe", "fifo", "stdio", "socket")
"""Kinds on which a read of 0 bytes is the end of file."""
_IOV_MAX = 1024


def enter_io(observer: Observer, call: Call) -> bool:
    """Of interest if the kernel says that the first argument is a descriptor of interest."""
    call.descriptor = observer.objects.descriptor(call.task.proc.pid, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in FAMILY


def vectors(observer: Observer, task: Task, address: int, count: int) -> list[tuple[int, int]]:
    """(address, length) of each struct iovec."""
    raw = observer.read(task, address, 16 * min(count, _IOV_MAX)) or b""
    return [struct.unpack_from("=QQ", raw, at) for at in range(0, len(raw) - 15, 16)]


def gather(observer: Observer, call: Call, moved: int) -> bytes:
    """The first moved bytes (bounded) of the buffers that readv, writev and so on name."""
    parts: list[bytes] = []
    room = min(moved, observer.data_limit)
    for address, length in vectors(observer, call.task, call.args[1], call.unsigned(2)):
        if room <= 0:
            break
        part = observer.read(call.task, address, min(length, room)) or b""
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _moved_data(observer: Observer, call: Call, moved: int) -> bytes | None:
    if moved <= 0:
        return b""
    if "v" in call.name.removeprefix("p"):
        return gather(observer, call, moved)
    return observer.data(call.task, call.args[1], moved)


def leave_read(observer: Observer, call: Call) -> None:
    descriptor = call.descriptor
    assert descriptor is not None
    found, fd = descriptor.object, call.signed(0)
    family = FAMILY[found.kind]
    if not call.ok or call.result is None:
        observer.emit(call, f"{family}.read", object=found, fd=fd)
        return
    if call.result == 0 and found.kind in _STREAMS and _asked(observer, call) > 0:
        observer.emit(call, f"{family}.eof", object=found, bytes=0, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    observer.emit(call, f"{family}.read", object=found, bytes=call.result, data=data, fd=fd)


def _asked(observer: Observer, call: Call) -> int:
    if "v" in call.name.removeprefix("p"):
        listed = vectors(observer, call.task, call.args[1], call.unsigned(2))
        return sum(length for _address, length in listed)
    return call.args[2]


def leave_write(observer: Observer, call: Call) -> None:
    descriptor = call.descriptor
    assert descriptor is not None
    found, fd = descriptor.object, call.signed(0)
    family = FAMILY[found.kind]
    if not call.ok or call.result is None:
        observer.emit(call, f"{family}.write", object=found, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    observer.emit(call, f"{family}.write", object=found, bytes=call.result, data=data, fd=fd)


# -- splice(2), tee(2), vmsplice(2), sendfile(2) ------------------------------------------------

_ENDS = {"splice": (0, 2), "tee": (0, 1), "sendfile": (1, 0), "copy_file_range": (0, 2)}
"""Which arguments are the descriptors that are read and written."""


def enter_transfer(observer: Observer, call: Call) -> bool:
    source, sink = _ENDS[call.name]
    pid = call.task.proc.pid
    read_from = observer.objects.descriptor(pid, call.signed(source))
    written_to = observer.objects.descriptor(pid, call.signed(sink))
    call.note = (read_from, written_to)
    return read_from is not None or written_to is not None


def leave_transfer(observer: Observer, call: Call) -> None:
    """One call, two events: bytes left one object and entered another, unseen by the process."""
    ends: tuple[Descriptor | None, Descriptor | None] = call.note
    for descriptor, action, index in zip(ends, ("read", "write"), _ENDS[call.name], strict=True):
        if descriptor is None or descriptor.object.kind not in FAMILY:
            continue
        if call.name == "tee" and action == "read" and call.ok:
            continue  # tee(2) duplicates: what it read is still there
        found = descriptor.object
        ended = call.result == 0 and action == "read" and found.kind in _STREAMS
        if call.result == 0 and not ended:
            continue
        observer.emit(
            call,
            f"{FAMILY[found.kind]}.{'eof' if ended else action}",
            object=found,
            bytes=call.result if call.ok else None,
            fd=call.signed(index),
        )


def leave_vmsplice(observer: Observer, call: Call) -> None:
    descriptor = call.descriptor
    assert descriptor is not None
    action = "write" if descriptor.writable else "read"
    moved = call.result if call.ok and call.result is not None else None
    observer.emit(
        call,
        f"{FAMILY[descriptor.object.kind]}.{action}",
        object=descriptor.object,
        bytes=moved,
        data=gather(observer, call, moved) if moved else None,
        fd=call.signed(0),
    )


# -- what a blocked call waits for --------------------------------------------------------------


def open_ends(observer: Observer, found: Object, end: str) -> Iterator[Holder]:
    """Who holds this end of a pipe or FIFO open now, by /proc."""
    for process in observer.live():
        for fd, target in proc.descriptors(process.pid).items():
            if observer.objects.of_link(process.pid, fd, target) is not found:
                continue
            readable, writable = proc.access(process.pid, fd)
            if readable if end == "read" else writable:
                yield Holder(process=process.id, fd=fd, end=end)


def blocked_stream(observer: Observer, descriptor: Descriptor, fd: int, end: str) -> Blocked:
    """Waiting at this end of a pipe or FIFO: only holders of the other end can help."""
    found = descriptor.object
    other = "write" if end == "read" else "read"
    needs = "data or end of file" if end == "read" else "room"
    return Blocked(needs, tuple(open_ends(observer, found, other)), found.id, fd)


BLOCKED: dict[str, Callable[[Observer, Descriptor, int, str], Blocked | None]] = {
    "pipe": blocked_stream,
    "fifo": blocked_stream,
    "stdio": blocked_stream,
}
"""What a sleeping read or write of each kind of object waits for: (observer, descriptor, fd,
"read" or "write"). A kind that is missing here proves nothing."""


def _blocked(observer: Observer, call: Call, end: str) -> Blocked | None:
    if call.descriptor is None or call.descriptor.object.kind not in BLOCKED:
        return None
    ask = BLOCKED[call.descriptor.object.kind]
    return ask(observer, call.descriptor, call.signed(0), end)


def blocked_read(observer: Observer, call: Call) -> Blocked | None:
    return _blocked(observer, call, "read")


def blocked_write(observer: Observer, call: Call) -> Blocked | None:
    return _blocked(observer, call, "write")


_READ = Row(enter=enter_io, leave=leave_read, blocked=blocked_read)
_WRITE = Row(enter=enter_io, leave=leave_write, blocked=blocked_write)
_TRANSFER = Row(enter=enter_transfer, leave=leave_transfer)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "preadv2"), _READ),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2"), _WRITE),
    **dict.fromkeys(("splice", "tee", "sendfile", "copy_file_range"), _TRANSFER),
    "vmsplice": Row(enter=enter_io, leave=leave_vmsplice, blocked=blocked_write),
}
