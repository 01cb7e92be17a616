"""Owns how much memory a run takes: what its processes have mapped, and what lies in objects
without anyone's page tables showing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.kernel import ipc, proc
from grader.kernel.leftovers import Found
from grader.kernel.objects import Object
from grader.kernel.tracee import Proc

_DETACHED = 0
_MEMFD = "memfd:"
_UNKNOWN = 4
"""Of shared memory that nobody can be asked about, a quarter is taken to be there."""


def taken(
    live: Sequence[Proc], objects: Sequence[Found], *, most: int, longest: int, shared: bool
) -> int:
    """Bytes. most: beyond it, it pays to look closer; longest: bytes that a file may have; shared:
    whether /dev/shm is the machine's own."""
    mapped = sum(proc.resident_memory(process.view) for process in live)
    if mapped > most:  # shared pages were counted more than once: look closer
        mapped = sum(proc.proportional_memory(process.view) for process in live)
    files = _in_files(live, shared=shared)
    total = mapped + files + _in_objects(objects, attached=False)
    if total > most or not any(process.state.get("maps") for process in live):
        return total
    # shared memory stays when whoever filled it ends or lets go of the pages (madvise(2)): again,
    # by what there is instead of what is mapped
    elsewhere = files + _in_objects(objects, attached=True) + _in_mappings(live, longest)
    private = sum(proc.private_memory(process.view) for process in live)
    if private + elsewhere > most:  # what a fork shares was counted more than once
        private = sum(proc.proportional_memory(process.view, kind="Pss_Anon") for process in live)
    return max(total, private + elsewhere)


def _in_objects(objects: Sequence[Found], *, attached: bool) -> int:
    """The bytes of queues, of segments, of shared memory outside a private root. attached: also of
    segments that some process has mapped."""
    if not objects:
        return 0
    queues, segments = ipc.listed("msg"), ipc.listed("shm")
    total = 0
    for found in objects:
        if isinstance(found.id, str):
            total += found.size
        elif found.kind == "msg" and found.id in queues:
            total += queues[found.id].size
        elif found.kind == "shm" and found.id in segments:
            segment = segments[found.id]
            total += segment.resident if attached or segment.count == _DETACHED else 0
    return total


def _in_files(live: Sequence[Proc], *, shared: bool) -> int:
    """Bytes in memory files that no file system tells of, once for each: memfds, and where it is
    shared those in /dev/shm that have lost their names."""
    sizes: dict[tuple[int, int], int] = {}
    tables = {id(process.files): process for process in live}
    for process in tables.values():
        for fd, descriptor in process.files.items():
            is_memfd = descriptor.object.id.startswith(_MEMFD)
            if is_memfd or (shared and descriptor.object.kind in ("shm", "sem")):
                known = proc.target_stat(process.view, fd)
                if known is not None and (is_memfd or known.st_nlink == 0):
                    sizes[known.st_dev, known.st_ino] = known.st_blocks * 512
    return sum(sizes.values())


def _in_mappings(live: Sequence[Proc], longest: int) -> int:
    """What may lie in shared memory that has no name and no descriptor, only mappings: the kernel
    does not say how much of it is there."""
    opened = {id(descriptor.object) for process in live for descriptor in process.files.values()}
    nameless = {
        id(found): _size(found, longest)
        for found in _mapped(live)
        if id(found) not in opened
        and (found.removed_by is not None or "path" not in found.attributes)
    }
    return sum(nameless.values()) // _UNKNOWN


def _size(found: Object, longest: int) -> int:
    """At most so many bytes: of anonymous memory they are known."""
    size = found.attributes.get("bytes")
    anonymous = found.attributes.get("anonymous") is True
    return size if anonymous and isinstance(size, int) else longest


def _mapped(live: Sequence[Proc]) -> Iterator[Object]:
    """The objects of mmap(2)."""
    for process in live:
        for mapping in process.state.get("maps", {}).values():
            if not mapping.attached:
                yield mapping.object
