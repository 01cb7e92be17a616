"""Owns what the processes of a run may use together: looked at now and then, as the kernel counts
it. Each limit has its own name and sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.kernel import ipc, proc
from grader.kernel.observer import Observer
from grader.kernel.tracee import Proc
from grader.run.spec import Bounds
from grader.run.tier import Tier
from grader.trace.model import Event

_DETACHED = 0
_OWN = "namespaces"
_INODES = 4096
"""How many files each file system of the private root can hold (kernel/root.py)."""
_ERRNOS = {"EMFILE": "descriptors", "ENFILE": "descriptors", "EFBIG": "files"}
"""Failed calls that tell of a limit which the kernel itself enforces."""


class Budget:
    """cpu_ms, memory_peak (bytes): what was used so far."""

    def __init__(self, bounds: Bounds, observer: Observer, tier: Tier) -> None:
        self._bounds = bounds
        self._observer = observer
        self._tier = tier
        self.cpu_ms = 0
        self.memory_peak = 0

    def exceeded(self, init_pid: int) -> tuple[str, str] | None:
        """The limit that is exceeded, if any, and the sentence about it."""
        return next(self._look(init_pid), None)

    def told_by(self, event: Event) -> tuple[str, str] | None:
        """The limit that an event tells of: a call that failed, a signal of the kernel."""
        if event.runtime:
            return None
        if event.event == "signal.deliver" and event.args.get("signal") == "SIGXFSZ":
            return self._sentence("files")
        name = _ERRNOS.get(event.errno or "")
        return self._sentence(name) if name is not None else None

    def _look(self, init_pid: int) -> Iterator[tuple[str, str]]:
        bounds = self._bounds
        live = self._observer.live()
        if self._cpu(live) > bounds.cpu * 1000:
            yield self._sentence("cpu")
        if self._observer.log.count > bounds.events:
            yield self._sentence("events")
        memory = sum(proc.resident_memory(process.pid) for process in live)
        if memory > bounds.memory:  # shared pages were counted more than once: look closer
            memory = sum(proc.proportional_memory(process.pid) for process in live)
        if self._tier.name == _OWN:
            objects, unmapped = _sysv()
            if objects > bounds.objects:
                yield self._sentence("objects")
            memory += unmapped + _memory_files(live)
            used = _written(init_pid, (self._tier.work, "/tmp", "/dev/shm"))
        else:
            if len(self._tier.objects()) > bounds.objects:
                yield self._sentence("objects")
            memory += _memory_files(live)
            used = _tree_size((self._tier.work, self._tier.temporary))
        self.memory_peak = max(self.memory_peak, memory)
        if memory > bounds.memory:
            yield self._sentence("memory")
        if used > bounds.files:
            yield self._sentence("files")

    def _cpu(self, live: Sequence[Proc]) -> int:
        for process in live:
            known = proc.stat(process.pid)
            if known is not None:
                process.cpu_ms = max(process.cpu_ms, known.cpu_ms)
        self.cpu_ms = sum(process.cpu_ms for process in self._observer.processes)
        return self.cpu_ms

    def _sentence(self, name: str) -> tuple[str, str]:
        bounds = self._bounds
        return name, {
            "cpu": f"more than {bounds.cpu:g} s of CPU time",
            "memory": f"more than {bounds.memory >> 20} MiB of memory",
            "files": f"more than {bounds.files >> 20} MiB in files, or thousands of files",
            "descriptors": f"more than {bounds.descriptors} descriptors open in one process",
            "objects": f"more than {bounds.objects} message queues, segments and semaphore sets",
            "events": f"more than {bounds.events} observed events",
        }[name]


def _sysv() -> tuple[int, int]:
    """How many System V objects there are; the bytes of queues and of detached segments."""
    queues, segments, sets = (ipc.listed(kind) for kind in ("msg", "shm", "sem"))
    unmapped = sum(queue.size for queue in queues.values())
    unmapped += sum(each.resident for each in segments.values() if each.count == _DETACHED)
    return len(queues) + len(segments) + len(sets), unmapped


def _memory_files(live: Sequence[Proc]) -> int:
    """Bytes in memfds, which belong to no file system that could be asked: once for each inode."""
    sizes: dict[int, int] = {}
    tables = {id(process.files): process for process in live}
    for process in tables.values():
        for fd, descriptor in process.files.items():
            if descriptor.object.id.startswith("memfd:"):
                known = proc.target_stat(process.pid, fd)
                if known is not None:
                    sizes[known.st_ino] = known.st_blocks * 512
    return sum(sizes.values())


def _written(init_pid: int, folders: Sequence[str]) -> int:
    """Bytes in the private root's own file systems; past counting where one has no room left."""
    total = 0
    for folder in folders:
        try:
            known = os.statvfs(f"/proc/{init_pid}/root{folder}")
        except OSError:
            continue
        full = known.f_bfree == 0 or known.f_ffree == 0
        total += 1 << 62 if full else (known.f_blocks - known.f_bfree) * known.f_frsize
    return total


def _tree_size(folders: Sequence[str]) -> int:
    """Bytes on disk below these folders; past counting with too many files or levels."""
    total = seen = 0
    for folder in folders:
        for path, _folders, names in os.walk(folder):
            seen += len(names) + 1
            if seen > _INODES:
                return 1 << 62
            for name in names:
                try:
                    total += Path(path, name).lstat().st_blocks * 512
                except OSError:
                    continue
    return total
