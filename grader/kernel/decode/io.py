"""Owns reading and writing through descriptors: read, write, their vectored forms, splice and
its kin. What a descriptor is decides the event's family."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterator

from grader.kernel import proc
from grader.kernel.objects import Descriptor, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call, Task
from grader.trace.model import Attribute, Holder

FAMILY = {
    "pipe": "pipe",
    "fifo": "fifo",
    "stdio": "file",
    "file": "file",
    "socket": "socket",
    "shm": "shm",
    "eventfd": "sem",
}
"""Event family by kind of object."""
_STREAMS = ("pipe", "fifo", "stdio", "socket")
"""Kinds on which a read of 0 bytes is the end of file."""
_IOV_MAX = 1024


def enter_io(observer: Observer, call: Call) -> bool:
    """Of interest if the kernel says that the first argument is a descriptor of interest."""
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
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
    if found.kind == "eventfd":
        _count(observer, call, "sem.wait")
        return
    if not call.ok or call.result is None:
        observer.emit(call, f"{family}.read", object=found, fd=fd)
        return
    if call.result == 0 and found.kind in _STREAMS and _asked(observer, call) > 0:
        observer.emit(call, f"{family}.eof", object=found, bytes=0, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    args = _where(call, found, call.result)
    observer.emit(
        call, f"{family}.read", object=found, bytes=call.result, data=data, fd=fd, args=args
    )


def _where(call: Call, found: Object, moved: int) -> dict[str, Attribute]:
    """Where in a file the bytes lie: as the call says, else before the position it left."""
    if found.kind != "file":
        return {}
    if call.name.startswith("p") and call.args[3] >> 63 == 0:  # preadv2: -1 means the position
        return {"offset": call.args[3]}
    after = proc.fdinfo(call.task.proc.pid, call.signed(0)).get("pos")
    return {"offset": int(after) - moved} if after is not None else {}


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
    if found.kind == "eventfd":
        _count(observer, call, "sem.post")
        return
    if not call.ok or call.result is None:
        observer.emit(call, f"{family}.write", object=found, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    args = _where(call, found, call.result)
    observer.emit(
        call, f"{family}.write", object=found, bytes=call.result, data=data, fd=fd, args=args
    )


def _count(observer: Observer, call: Call, event: str) -> None:
    """eventfd(2): a read takes from the counter, a write adds to it; eight bytes either way."""
    assert call.descriptor is not None
    raw = _moved_data(observer, call, 8)
    args: dict[str, Attribute] = {}
    if raw is not None and len(raw) == 8 and (call.ok or event == "sem.post"):
        args["value"] = int.from_bytes(raw, "little")
    observer.emit(call, event, object=call.descriptor.object, fd=call.signed(0), args=args)


# -- splice(2), tee(2), vmsplice(2), sendfile(2), copy_file_range(2) ---------------------------

_ENDS = {"splice": (0, 2), "tee": (0, 1), "sendfile": (1, 0), "copy_file_range": (0, 2)}
"""Which arguments are the descriptors that are read and written."""
_POSITIONS: dict[str, tuple[int | None, int | None]] = {
    "splice": (1, 3),
    "tee": (None, None),
    "sendfile": (2, None),
    "copy_file_range": (1, 3),
}
"""Which arguments point to the file positions to use, in the same order; the call moves them on."""


def enter_transfer(observer: Observer, call: Call) -> bool:
    source, sink = _ENDS[call.name]
    process = call.task.proc
    read_from = observer.descriptor(process, call.signed(source))
    written_to = observer.descriptor(process, call.signed(sink))
    call.note = (read_from, written_to)
    return read_from is not None or written_to is not None


def leave_transfer(observer: Observer, call: Call) -> None:
    """One call, two events: bytes left one object and entered another, unseen by the process.
    What they were can be told if either is a file."""
    ends: tuple[Descriptor | None, Descriptor | None] = call.note
    of_interest = [d is not None and d.object.kind in FAMILY for d in ends]
    moved = call.result if call.ok else None
    if moved is None:  # one event, at the end that failed
        wrong = 1 if call.result == -errno.EPIPE or not of_interest[0] else 0
        of_interest = [of_interest[0] and wrong == 0, of_interest[1] and wrong == 1]
    starts = [_start(observer, call, side, moved or 0) for side in (0, 1)]
    data = _copied(observer, call, starts, moved) if moved else None
    for side, action in enumerate(("read", "write")):
        descriptor = ends[side]
        if descriptor is None or not of_interest[side]:
            continue
        if call.name == "tee" and action == "read" and call.ok:
            continue  # tee(2) duplicates: what it read is still there
        found, start = descriptor.object, starts[side]
        ended = moved == 0 and action == "read" and found.kind in _STREAMS
        if moved == 0 and not ended:
            continue
        args: dict[str, Attribute] = {}
        if found.kind == "file" and start is not None and call.ok:
            args["offset"] = start
        observer.emit(
            call,
            f"{FAMILY[found.kind]}.{'eof' if ended else action}",
            object=found,
            bytes=moved,
            data=data,
            fd=call.signed(_ENDS[call.name][side]),
            args=args,
        )


def _start(observer: Observer, call: Call, side: int, moved: int) -> int | None:
    """Where in a file the bytes began to be read (side 0) or written (1)."""
    pointer = _POSITIONS[call.name][side]
    if pointer is not None and call.args[pointer]:
        raw = observer.read(call.task, call.args[pointer], 8)
        return int.from_bytes(raw, "little") - moved if raw is not None else None
    after = proc.fdinfo(call.task.proc.pid, call.signed(_ENDS[call.name][side])).get("pos")
    return int(after) - moved if after is not None else None


def _copied(observer: Observer, call: Call, starts: list[int | None], moved: int) -> bytes | None:
    size = min(moved, observer.data_limit)
    for side, start in enumerate(starts):
        if start is not None and start >= 0:
            fd = call.signed(_ENDS[call.name][side])
            found = proc.content(call.task.proc.pid, fd, start, size)
            if found is not None:
                return found
    return None


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


def blocked_counter(
    observer: Observer, descriptor: Descriptor, fd: int, end: str
) -> Blocked | None:
    """An eventfd: one who has it open too could post to it, or take from it."""
    found = descriptor.object
    needs = "a post" if end == "read" else "room in the counter"
    holders = open_ends(observer, found, "write" if end == "read" else "read")
    return Blocked(needs, tuple(holders), found.id, fd)


BLOCKED: dict[str, Callable[[Observer, Descriptor, int, str], Blocked | None]] = {
    "pipe": blocked_stream,
    "fifo": blocked_stream,
    "stdio": blocked_stream,
    "eventfd": blocked_counter,
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


def blocked_vmsplice(observer: Observer, call: Call) -> Blocked | None:
    writes = call.descriptor is not None and call.descriptor.writable
    return _blocked(observer, call, "write" if writes else "read")


def blocked_transfer(observer: Observer, call: Call) -> Blocked | None:
    """Waits for the source to give or for the sink to take; files and devices do neither."""
    ends: tuple[Descriptor | None, Descriptor | None] = call.note
    waits: list[Blocked] = []
    for side, end in enumerate(("read", "write")):
        descriptor, fd = ends[side], call.signed(_ENDS[call.name][side])
        if descriptor is not None and descriptor.object.kind in BLOCKED:
            wait = BLOCKED[descriptor.object.kind](observer, descriptor, fd, end)
            if wait is None:
                return None
            waits.append(wait)
        elif not proc.is_regular(call.task.proc.pid, fd):
            return None
    if len(waits) < 2:
        return waits[0] if waits else None
    needs = f"{waits[0].needs}, or {waits[1].needs} in {waits[1].object}"
    timed = waits[0].timed or waits[1].timed
    holders = (*waits[0].holders, *waits[1].holders)
    return Blocked(needs, holders, waits[0].object, waits[0].fd, timed)


_READ = Row(enter=enter_io, leave=leave_read, blocked=blocked_read)
_WRITE = Row(enter=enter_io, leave=leave_write, blocked=blocked_write)
_TRANSFER = Row(enter=enter_transfer, leave=leave_transfer, blocked=blocked_transfer)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "preadv2"), _READ),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2"), _WRITE),
    **dict.fromkeys(("splice", "tee", "sendfile", "copy_file_range"), _TRANSFER),
    "vmsplice": Row(enter=enter_io, leave=leave_vmsplice, blocked=blocked_vmsplice),
}
