"""Owns reading and writing through descriptors: read, write, their vectored and positional forms.
What a descriptor is decides the event's family."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from grader.kernel import proc
from grader.kernel.objects import Descriptor, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import GRADER, Blocked, Row
from grader.kernel.tracee import Call, Task
from grader.trace.model import Attribute, Holder
from grader.trace.names import signal_name

FAMILY = {
    "pipe": "pipe",
    "fifo": "fifo",
    "stdio": "file",
    "file": "file",
    "socket": "socket",
    "shm": "shm",
    "eventfd": "sem",
    "signalfd": "signal",
    "timerfd": "time",
}
"""Event family by kind of object."""
STREAMS = ("pipe", "fifo", "stdio", "socket")
"""Kinds on which a read of 0 bytes is the end of file."""
_ACTIONS = {
    "socket": {"read": "receive", "write": "send"},
    "eventfd": {"read": "wait", "write": "post"},
    "signalfd": {"read": "wait"},
    "timerfd": {"read": "wait"},
}
"""What reading and writing is called, where it is called otherwise."""
_IOV_MAX = 1024


def enter_io(observer: Observer, call: Call) -> bool:
    """Of interest if the kernel says that the first argument is a descriptor of interest."""
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in FAMILY


def vectors(observer: Observer, task: Task, address: int, count: int) -> list[tuple[int, int]]:
    """(address, length) of each struct iovec."""
    raw = observer.read(task, address, 16 * min(count, _IOV_MAX)) or b""
    return [struct.unpack_from("=QQ", raw, at) for at in range(0, len(raw) - 15, 16)]


def event_of(kind: str, action: str) -> str:
    """The event of a read, write or eof on this kind of object ("socket.receive")."""
    return f"{FAMILY[kind]}.{_ACTIONS.get(kind, {}).get(action, action)}"


def is_stream(found: Object) -> bool:
    """Whether 0 bytes from it are the end of file: a datagram may be empty."""
    return found.kind in STREAMS and found.attributes.get("type") != "datagram"


def gather(observer: Observer, call: Call, moved: int) -> bytes:
    """The first moved bytes (bounded) of the buffers that readv, writev and so on name."""
    return gather_from(observer, call, call.args[1], call.unsigned(2), moved)


def gather_from(observer: Observer, call: Call, address: int, count: int, moved: int) -> bytes:
    """The first moved bytes (bounded) of so many struct iovec at an address."""
    parts: list[bytes] = []
    room = min(moved, observer.data_limit)
    for start, length in vectors(observer, call.task, address, count):
        if room <= 0:
            break
        part = observer.read(call.task, start, min(length, room)) or b""
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
    if found.kind == "eventfd":
        _count(observer, call, "sem.wait")
        return
    if found.kind == "signalfd":
        _take_signal(observer, call)
        return
    if found.kind == "timerfd":
        _count(observer, call, "time.wait")
        return
    if not call.ok or call.result is None:
        observer.emit(call, event_of(found.kind, "read"), object=found, fd=fd)
        return
    if call.result == 0 and is_stream(found) and _asked(observer, call) > 0:
        observer.emit(call, event_of(found.kind, "eof"), object=found, bytes=0, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    args = _where(call, found, call.result)
    observer.emit(
        call,
        event_of(found.kind, "read"),
        object=found,
        bytes=call.result,
        data=data,
        fd=fd,
        args=args,
    )


def _where(call: Call, found: Object, moved: int) -> dict[str, Attribute]:
    """Where in a file the bytes lie: as the call says, else before the position it left."""
    if found.kind != "file":
        return {}
    if call.name.startswith("p") and call.args[3] >> 63 == 0:  # preadv2: -1 means the position
        return {"offset": call.args[3]}
    after = proc.fdinfo(call.task.proc.view, call.signed(0)).get("pos")
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
    if found.kind == "eventfd":
        _count(observer, call, "sem.post")
        return
    if not call.ok or call.result is None:
        observer.emit(call, event_of(found.kind, "write"), object=found, fd=fd)
        return
    data = _moved_data(observer, call, call.result)
    args = _where(call, found, call.result)
    observer.emit(
        call,
        event_of(found.kind, "write"),
        object=found,
        bytes=call.result,
        data=data,
        fd=fd,
        args=args,
    )


def _take_signal(observer: Observer, call: Call) -> None:
    """signalfd(2): a read takes a pending signal, its number first in the structure."""
    assert call.descriptor is not None
    raw = _moved_data(observer, call, 4) if call.ok else None
    args: dict[str, Attribute] = {}
    if raw:
        args["signal"] = signal_name(int.from_bytes(raw, "little"))
    observer.emit(call, "signal.wait", object=call.descriptor.object, fd=call.signed(0), args=args)


def _count(observer: Observer, call: Call, event: str) -> None:
    """eventfd(2): a read takes from the counter, a write adds to it; eight bytes either way.
    timerfd_create(2): how often it went off since the last read."""
    assert call.descriptor is not None
    raw = _moved_data(observer, call, 8)
    args: dict[str, Attribute] = {}
    if raw is not None and len(raw) == 8 and (call.ok or event == "sem.post"):
        args["value"] = int.from_bytes(raw, "little")
    observer.emit(call, event, object=call.descriptor.object, fd=call.signed(0), args=args)


# -- what a blocked call waits for --------------------------------------------------------------


def open_ends(observer: Observer, found: Object, end: str) -> Iterator[Holder]:
    """Who holds this end of a pipe or FIFO open now, by /proc."""
    for process in observer.live():
        for fd, target in proc.descriptors(process.view).items():
            if observer.objects.of_link(process.view, fd, target) is not found:
                continue
            readable, writable = proc.access(process.view, fd)
            if readable if end == "read" else writable:
                yield Holder(process=process.id, fd=fd, end=end)


def blocked_stream(observer: Observer, descriptor: Descriptor, fd: int, end: str) -> Blocked:
    """Waiting at this end of a pipe or FIFO: only holders of the other end can help. At a terminal
    that is its user, whatever else has it open."""
    found = descriptor.object
    other = "write" if end == "read" else "read"
    needs = "data or end of file" if end == "read" else "room"
    holders = (*open_ends(observer, found, other), *((GRADER,) if found.outside else ()))
    return Blocked(needs, holders, found.id, fd)


def blocked_counter(
    observer: Observer, descriptor: Descriptor, fd: int, end: str
) -> Blocked | None:
    """An eventfd: one who has it open too could post to it, or take from it."""
    found = descriptor.object
    needs = "a post" if end == "read" else "room in the counter"
    holders = open_ends(observer, found, "write" if end == "read" else "read")
    return Blocked(needs, tuple(holders), found.id, fd)


def blocked_signal(
    observer: Observer, descriptor: Descriptor, fd: int, _end: str
) -> Blocked | None:
    """A signalfd: whoever may send its owner a signal."""
    found = descriptor.object
    senders = tuple(Holder(process=process.id) for process in observer.live())
    taken = found.attributes.get("signals")
    needs = " or ".join(map(str, taken)) if isinstance(taken, list) else ""
    return Blocked(needs or "a signal", senders, found.id, fd)


def blocked_timer(observer: Observer, descriptor: Descriptor, fd: int, _end: str) -> Blocked | None:
    """A timerfd: if it is armed that alone proves that time ends it; if not, someone who has it
    could arm it."""
    found = descriptor.object
    return Blocked("its timer to be set", tuple(open_ends(observer, found, "read")), found.id, fd)


BLOCKED: dict[str, Callable[[Observer, Descriptor, int, str], Blocked | None]] = {
    "pipe": blocked_stream,
    "fifo": blocked_stream,
    "stdio": blocked_stream,
    "eventfd": blocked_counter,
    "signalfd": blocked_signal,
    "timerfd": blocked_timer,
}
"""What a sleeping read or write of each kind of object waits for: (observer, descriptor, fd,
"read" or "write"). A kind that is missing here proves nothing."""


def blocked_io(observer: Observer, call: Call, end: str) -> Blocked | None:
    if call.descriptor is None or call.descriptor.object.kind not in BLOCKED:
        return None
    ask = BLOCKED[call.descriptor.object.kind]
    return ask(observer, call.descriptor, call.signed(0), end)


def blocked_read(observer: Observer, call: Call) -> Blocked | None:
    return blocked_io(observer, call, "read")


def blocked_write(observer: Observer, call: Call) -> Blocked | None:
    return blocked_io(observer, call, "write")


_READ = Row(enter=enter_io, leave=leave_read, blocked=blocked_read)
_WRITE = Row(enter=enter_io, leave=leave_write, blocked=blocked_write, gives=True)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "preadv2"), _READ),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2"), _WRITE),
}
