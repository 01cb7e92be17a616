"""Owns shared mappings and the objects behind them: mmap(2), munmap(2), ftruncate(2),
memfd_create(2), the files of /dev/shm that shm_open(3) and sem_open(3) stand on, eventfd(2).

A POSIX semaphore is a word in a mapped file: taking or posting one that nobody waits for makes no
system call, so only opening, closing, removing and real waits (`decode.futex`) can be seen.
"""

from __future__ import annotations

import os

from grader.kernel import abi_ipc, proc
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object, memory_name
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.segments import (
    Mapping,
    attachments,
    content,
    end_mappings,
    mappings,
    read_segment,
)
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

MEMORY = b"/dev/shm/"
_MAPPED_KINDS = ("shm", "sem", "file")


# -- shm_open, sem_open: files of /dev/shm ----------------------------------------------------


def opened(observer: Observer, call: Call, found: Object | None, path: bytes) -> None:
    """`shm.open` or `sem.open` for a returned open of a file in /dev/shm, also a failed one.

    A semaphore that is being made has another name until it is complete: see leave_link.
    """
    flags, mode = _open_flags(call)
    kind, name = memory_name(path.decode("utf-8", "backslashreplace"))
    creating = bool(flags & abi_ipc.O_CREAT)
    if kind == "sem" and creating:
        return
    args: dict[str, Attribute] = {"name": name.partition(":")[2]}
    named = [abi_ipc.ACCESS[flags & abi_ipc.O_ACCMODE]]
    args["flags"] = [*named, *flag_names(flags & ~abi_ipc.O_ACCMODE, abi_ipc.OPEN_FLAGS)]
    if creating:
        args["mode"] = f"{mode & 0o7777:04o}"
    if found is not None and call.result is not None:
        known = proc.target_stat(call.task.proc.view, call.result)
        size = known.st_size if known is not None else 0
        args["created"] = creating and not found.used and size == 0
        if args["created"]:
            found.created_by = call.task.proc.id
        found.attributes["bytes"] = size
        args["bytes"] = size
    observer.emit(
        call, f"{kind}.open", object=found, fd=call.result if call.ok else None, args=args
    )


def _open_flags(call: Call) -> tuple[int, int]:
    """(flags, mode) of open, openat or creat."""
    if call.name == "creat":
        return abi_ipc.O_CREAT | os.O_WRONLY | os.O_TRUNC, call.unsigned(1)
    first = 2 if call.name.startswith("openat") else 1
    return call.unsigned(first), call.unsigned(first + 1)


def leave_memfd(observer: Observer, call: Call) -> None:
    """memfd_create(2): shared memory without a name in any folder."""
    name = (observer.read(call.task, call.args[0], 256) or b"").partition(b"\0")[0]
    args: dict[str, Attribute] = {
        "name": name.decode("utf-8", "backslashreplace"),
        "flags": flag_names(call.unsigned(1), abi_ipc.MEMFD_FLAGS),
    }
    found = None
    if call.ok and call.result is not None:
        descriptor = observer.note_descriptor(call.task.proc, call.result)
        found = descriptor.object if descriptor is not None else None
        args["created"] = True
    if found is not None:
        found.created_by = call.task.proc.id
    observer.emit(call, "shm.open", object=found, fd=call.result if call.ok else None, args=args)


def enter_resize(observer: Observer, call: Call) -> bool:
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind == "shm"


def leave_resize(observer: Observer, call: Call) -> None:
    """ftruncate(2): how a POSIX segment gets its size."""
    assert call.descriptor is not None
    found = call.descriptor.object
    if call.ok:
        found.attributes["bytes"] = call.args[1]
    args: dict[str, Attribute] = {"size": call.args[1]}
    observer.emit(call, "shm.resize", object=found, fd=call.signed(0), args=args)


# -- mmap, munmap -------------------------------------------------------------------------------


def enter_map(observer: Observer, call: Call) -> bool:
    flags = call.unsigned(3)
    if not flags & abi_ipc.MAP_SHARED:
        return False
    if flags & abi_ipc.MAP_ANONYMOUS:
        return True
    call.descriptor = observer.descriptor(call.task.proc, call.signed(4))
    return call.descriptor is not None and call.descriptor.object.kind in _MAPPED_KINDS


def leave_map(observer: Observer, call: Call) -> None:
    """mmap(2) of shared memory: with a name, with a descriptor, or anonymous for the children."""
    descriptor, protection = call.descriptor, call.unsigned(2)
    found = descriptor.object if descriptor is not None else None
    size = call.args[1]
    args: dict[str, Attribute] = {
        "access": "write" if protection & abi_ipc.PROT_WRITE else "read",
        "size": size,
        "offset": call.args[5] if descriptor is not None else 0,
        "anonymous": descriptor is None,
    }
    if call.ok and call.result is not None:
        if descriptor is None:
            found = _anonymous(observer, call, call.result)
        if found is not None:
            mappings(call.task.proc)[call.result] = Mapping(
                object=found,
                start=call.result,
                size=size,
                offset=call.args[5] if descriptor is not None else 0,
                writable=bool(protection & abi_ipc.PROT_WRITE),
                attached=False,
            )
            args |= {"address": hex(call.result), **attachments(observer, found)}
    if found is None or found.kind != "sem":
        fd = call.signed(4) if descriptor is not None else None
        observer.emit(call, "shm.map", object=found, fd=fd, args=args)


def _anonymous(observer: Observer, call: Call, address: int) -> Object | None:
    """The unnamed file that the kernel makes behind MAP_SHARED | MAP_ANONYMOUS."""
    identity = proc.mapped_inode(call.task.proc.view, address)
    if identity is None:
        return None
    found = observer.objects.numbered(("inode", identity), "shm#", "shm")
    found.created_by = found.created_by or call.task.proc.id
    found.attributes |= {"anonymous": True, "bytes": call.args[1]}
    return found


def enter_unmap(observer: Observer, call: Call) -> bool:
    """Of interest if it takes away shared memory; reads that while it is still there."""
    process = call.task.proc
    if not process.state.get("maps"):
        return False
    start, end = call.args[0], call.args[0] + call.args[1]
    call.note = []
    for mapping in mappings(process).values():
        if mapping.start < end and start < mapping.end:
            going = _part(mapping, max(start, mapping.start), min(end, mapping.end))
            call.note.append((mapping, going, content(observer, process, going)))
    return bool(call.note)


def leave_unmap(observer: Observer, call: Call) -> None:
    """munmap(2): data is what the unmapped part held as the call was made, size its bytes."""
    if not call.ok:
        observer.emit(call, "shm.unmap", args={"address": hex(call.args[0])})
        return
    start, end = call.args[0], call.args[0] + call.args[1]
    known = mappings(call.task.proc)
    noted: list[tuple[Mapping, Mapping, bytes | None]] = call.note
    for mapping, going, data in noted:
        del known[mapping.start]
        for first, last in ((mapping.start, start), (end, mapping.end)):
            if first < last:
                known[first] = _part(mapping, first, last)
        found = mapping.object
        if found.kind == "sem":
            observer.emit(call, "sem.close", object=found)
            continue
        args: dict[str, Attribute] = {"address": hex(going.start), "size": going.size}
        args |= attachments(observer, found)
        observer.emit(call, "shm.unmap", object=found, data=data, args=args)


def _part(mapping: Mapping, first: int, last: int) -> Mapping:
    """The part of a mapping between two addresses."""
    return Mapping(
        object=mapping.object,
        start=first,
        size=last - first,
        offset=mapping.offset + first - mapping.start,
        writable=mapping.writable,
        attached=mapping.attached,
    )


# -- names: link(2), unlink(2) in /dev/shm ----------------------------------------------------


def _path(observer: Observer, call: Call, index: int) -> bytes:
    return (observer.read(call.task, call.args[index], 4096) or b"").partition(b"\0")[0]


def _object_at(observer: Observer, call: Call, path: bytes) -> Object | None:
    """The object that has this path in /dev/shm now, by the tracee's own view of the folder."""
    text = path.decode("utf-8", "surrogateescape")
    try:
        known = os.lstat(f"/proc/{call.task.proc.view}/root{text}")
    except OSError:
        return None
    identity = ("inode", (known.st_dev, known.st_ino))
    return observer.objects.get(identity) or observer.objects.shared_memory(identity, text)


def enter_link(observer: Observer, call: Call) -> bool:
    path = _path(observer, call, 3 if call.name == "linkat" else 1)
    call.note = path
    return path.startswith(MEMORY)


def leave_link(observer: Observer, call: Call) -> None:
    """link(2) gives a new semaphore its name: the C library first fills it in under another."""
    path: bytes = call.note
    found = _object_at(observer, call, path) if call.ok else None
    if found is None or found.kind != "sem" or found.used:
        return
    text = path.decode("utf-8", "backslashreplace")
    _kind, name = memory_name(text)
    observer.objects.rename(found, name)
    found.created_by = call.task.proc.id
    found.attributes |= {"path": text, "name": name.partition(":")[2]}
    args: dict[str, Attribute] = {"name": name.partition(":")[2], "created": True}
    value = read_segment(observer, found)
    if value is not None:
        args["value"] = int.from_bytes(value[:4], "little")
    observer.emit(call, "sem.open", object=found, args=args)


def enter_unlink(observer: Observer, call: Call) -> bool:
    path = _path(observer, call, 1 if call.name == "unlinkat" else 0)
    if not path.startswith(MEMORY):
        return False
    call.note = (path, _object_at(observer, call, path))
    return True


def leave_unlink(observer: Observer, call: Call) -> None:
    """shm_unlink(3), sem_unlink(3): the name goes, the memory stays until the last one lets go."""
    noted: tuple[bytes, Object | None] = call.note
    path, found = noted
    text = path.decode("utf-8", "backslashreplace")
    kind, name = memory_name(text)
    if found is not None and found.attributes.get("path") != text:
        return  # the name under which a semaphore was made
    args: dict[str, Attribute] = {"name": name.partition(":")[2]}
    if found is not None:
        if call.ok:
            found.removed_by = call.task.proc.id
        args |= attachments(observer, found)
    observer.emit(call, f"{kind}.remove", object=found, args=args)


# -- eventfd ------------------------------------------------------------------------------------


def leave_eventfd(observer: Observer, call: Call) -> None:
    """eventfd(2): a counter behind a descriptor; `decode.io` tells of its reads and writes."""
    flags = call.unsigned(1) if call.name == "eventfd2" else 0
    args: dict[str, Attribute] = {
        "value": call.unsigned(0),
        "flags": flag_names(flags, abi_ipc.EVENTFD_FLAGS),
    }
    found = None
    if call.ok and call.result is not None:
        descriptor = observer.note_descriptor(call.task.proc, call.result)
        found = descriptor.object if descriptor is not None else None
        args["created"] = True
    if found is not None:
        found.created_by = call.task.proc.id
    observer.emit(call, "sem.open", object=found, fd=call.result if call.ok else None, args=args)


_LINK = Row(enter=enter_link, leave=leave_link)
_UNLINK = Row(enter=enter_unlink, leave=leave_unlink)
_EVENTFD = Row(leave=leave_eventfd)

ROWS: dict[str, Row] = {
    "mmap": Row(enter=enter_map, leave=leave_map, ending=end_mappings),
    "munmap": Row(enter=enter_unmap, leave=leave_unmap),
    "ftruncate": Row(enter=enter_resize, leave=leave_resize),
    "memfd_create": Row(leave=leave_memfd),
    "link": _LINK,
    "linkat": _LINK,
    "unlink": _UNLINK,
    "unlinkat": _UNLINK,
    "eventfd": _EVENTFD,
    "eventfd2": _EVENTFD,
}
