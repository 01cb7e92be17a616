"""Owns shared memory as the processes have it mapped: who is attached, and what the segment holds.

Mappings are kept for each process (Proc.state["maps"]) as the calls that made them returned, are
copied by fork and dropped by exec. Who wrote what between two calls is not the kernel's to tell:
we know who was attached, and with which rights.
"""

from __future__ import annotations

import os

import msgspec

from grader.kernel import ipc
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.tracee import Proc
from grader.trace.model import Attribute


class Mapping(msgspec.Struct, frozen=True):
    """size bytes of an object from offset on, in a process's memory from start on.

    attached: by shmat, so it is detached; otherwise mapped, so it is unmapped.
    """

    object: Object
    start: int
    size: int
    offset: int
    writable: bool
    attached: bool

    @property
    def end(self) -> int:
        return self.start + self.size


def mappings(process: Proc) -> dict[int, Mapping]:
    """The shared mappings of a process by start address; to be changed in place."""
    found: dict[int, Mapping] = process.state.setdefault("maps", {})
    return found


def mapping_at(process: Proc, address: int) -> Mapping | None:
    """The shared mapping that this address lies in."""
    known: dict[int, Mapping] = process.state.get("maps", {})
    return next((m for m in known.values() if m.start <= address < m.end), None)


def sharers(observer: Observer, found: Object) -> list[Proc]:
    """The live processes that have the object in their memory."""
    return [
        process
        for process in observer.live()
        if any(m.object is found for m in process.state.get("maps", {}).values())
    ]


def attachments(observer: Observer, found: Object) -> dict[str, Attribute]:
    """Event arguments: the processes that have the object attached, and those that may write."""
    attached, writers = list[int | str](), list[int | str]()
    for process in sharers(observer, found):
        attached.append(process.id)
        if any(m.writable for m in mappings(process).values() if m.object is found):
            writers.append(process.id)
    return {"attached": attached, "writers": writers}


def content(observer: Observer, process: Proc, mapping: Mapping) -> bytes | None:
    """What the mapping shows its process, bounded as event data is; None if unreadable."""
    for task in process.tasks.values():  # a thread that is on its way out has no memory left
        seen = observer.data(task, mapping.start, mapping.size)
        if seen is not None:
            return seen
    return None


def read_segment(observer: Observer, found: Object) -> bytes | None:
    """What a segment holds now, from its first byte; None once nothing leads to it.

    Looks through the memory of a process that has it attached, which leaves no trace; else
    attaches it (System V) or opens it by its name (POSIX).
    """
    for process in sharers(observer, found):
        for mapping in mappings(process).values():
            if mapping.object is found and mapping.offset == 0:
                seen = content(observer, process, mapping)
                if seen is not None:
                    return seen
    id, size = found.attributes.get("id"), found.attributes.get("bytes")
    if isinstance(id, int):
        wanted = min(size, observer.data_limit) if isinstance(size, int) else 0
        return ipc.segment_content(id, wanted)
    return _read_by_name(observer, found)


def _read_by_name(observer: Observer, found: Object) -> bytes | None:
    paths = [
        f"/proc/{process.view}/fd/{fd}"
        for process in observer.live()
        for fd, descriptor in process.files.items()
        if descriptor.object is found
    ]
    path = found.attributes.get("path")
    if path is not None and found.removed_by is None:
        paths += [f"/proc/{task.proc.view}/root{path}" for task in observer.tasks.values()]
    for candidate in paths:
        try:
            with open(candidate, "rb", opener=_without_waiting) as file:
                return file.read(observer.data_limit)
        except OSError:
            continue
    return None


def _without_waiting(path: str, _flags: int) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)


def end_mappings(observer: Observer, process: Proc, call: str) -> None:
    """Exit and exec detach everything: an event for each mapping, with what it held at the end."""
    for mapping in process.state.pop("maps", {}).values():
        found = mapping.object
        if found.kind != "shm":
            continue
        if call == "exit" and process.alive:
            data = content(observer, process, mapping)
        else:
            data = read_segment(observer, found)
        observer.emit_plain(
            process,
            "shm.detach" if mapping.attached else "shm.unmap",
            call=call,
            object=found,
            data=data,
            args={"size": mapping.size, **attachments(observer, found)},
        )
