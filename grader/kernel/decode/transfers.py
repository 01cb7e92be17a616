"""Owns the calls that move bytes between descriptors unseen by the process: splice(2), tee(2),
vmsplice(2), sendfile(2), copy_file_range(2)."""

from __future__ import annotations

import errno

from grader.kernel import proc
from grader.kernel.decode.io import (
    BLOCKED,
    FAMILY,
    blocked_io,
    enter_io,
    event_of,
    gather,
    is_stream,
)
from grader.kernel.objects import Descriptor
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

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
        ended = moved == 0 and action == "read" and is_stream(found)
        if moved == 0 and not ended:
            continue
        args: dict[str, Attribute] = {}
        if found.kind == "file" and start is not None and call.ok:
            args["offset"] = start
        observer.emit(
            call,
            event_of(found.kind, "eof" if ended else action),
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
    after = proc.fdinfo(call.task.proc.view, call.signed(_ENDS[call.name][side])).get("pos")
    return int(after) - moved if after is not None else None


def _copied(observer: Observer, call: Call, starts: list[int | None], moved: int) -> bytes | None:
    size = min(moved, observer.data_limit)
    for side, start in enumerate(starts):
        if start is not None and start >= 0:
            fd = call.signed(_ENDS[call.name][side])
            found = proc.content(call.task.proc.view, fd, start, size)
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
        event_of(descriptor.object.kind, action),
        object=descriptor.object,
        bytes=moved,
        data=gather(observer, call, moved) if moved else None,
        fd=call.signed(0),
    )


# -- what a blocked call waits for --------------------------------------------------------------


def blocked_vmsplice(observer: Observer, call: Call) -> Blocked | None:
    writes = call.descriptor is not None and call.descriptor.writable
    return blocked_io(observer, call, "write" if writes else "read")


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
        elif not proc.is_regular(call.task.proc.view, fd):
            return None
    if len(waits) < 2:
        return waits[0] if waits else None
    needs = f"{waits[0].needs}, or {waits[1].needs} in {waits[1].object}"
    timed = waits[0].timed or waits[1].timed
    holders = (*waits[0].holders, *waits[1].holders)
    return Blocked(needs, holders, waits[0].object, waits[0].fd, timed)


_TRANSFER = Row(enter=enter_transfer, leave=leave_transfer, blocked=blocked_transfer)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("splice", "tee", "sendfile", "copy_file_range"), _TRANSFER),
    "vmsplice": Row(enter=enter_io, leave=leave_vmsplice, blocked=blocked_vmsplice),
}
