"""Owns what the processes of a run may use together: looked at now and then, as the kernel counts
it. Each limit has its own name and sentence."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence

from grader.kernel import proc, sock_diag
from grader.kernel.observer import Observer
from grader.kernel.tracee import Proc
from grader.kernel.walk import DEEPEST, entries
from grader.run.memory import taken
from grader.run.population import Population
from grader.run.spec import Bounds
from grader.run.tier import Tier
from grader.trace.model import Event

_MANY_SOCKETS = 32
"""Fewer hold no memory worth asking for: each some 200 KiB at most."""
_OWN = "namespaces"
_INODES = 4096
"""How many files each file system of the private root can hold (kernel/root.py)."""
_PAST_COUNTING = 1 << 62
_BETWEEN_WALKS = 5
"""A walk through all files of a run comes so many times its own length after the last one."""
_ERRNOS = {"EMFILE": "descriptors", "ENFILE": "descriptors", "EFBIG": "files", "ENOSPC": "files"}
"""Failed calls that tell of a limit which the kernel itself enforces."""
_OPENINGS = ("msg.open", "shm.open", "sem.open", "mq.open")


class Budget:
    """cpu_us, memory_peak (bytes): what was used so far."""

    def __init__(self, bounds: Bounds, observer: Observer, tier: Tier) -> None:
        self._bounds = bounds
        self._observer = observer
        self._tier = tier
        self.cpu_us = 0
        self.memory_peak = 0
        self._population = Population(bounds.processes, observer)
        self._given = self._walked = 0
        self._next_walk = 0.0

    def settle(self, init_pid: int) -> None:
        """What lies in the run's folders now was given to it, and does not count."""
        self._given = self._used(init_pid)

    def exceeded(self, init_pid: int) -> tuple[str, str] | None:
        """The limit that is exceeded, if any, and the sentence about it."""
        return next(self._look(init_pid), None)

    def told_by(self, event: Event) -> tuple[str, str] | None:
        """The limit that an event tells of: a call that failed, a signal of the kernel."""
        if event.runtime:
            return None
        if event.event == "signal.deliver" and event.args.get("signal") == "SIGXFSZ":
            return self._sentence("files")
        if event.event in _OPENINGS and event.errno in ("ENOSPC", "EMFILE"):
            return self._sentence("objects")
        name = _ERRNOS.get(event.errno or "")
        return self._sentence(name) if name is not None else None

    def crowded(self, *, look_closely: bool = False) -> tuple[str, str] | None:
        """The limit on processes, if it is plainly exceeded: asked after every turn, and closely
        where nobody moves any more."""
        crowded = self._population.exceeded(look_closely=look_closely)
        return self._sentence("processes") if crowded else None

    def _look(self, init_pid: int) -> Iterator[tuple[str, str]]:
        bounds = self._bounds
        if (crowded := self.crowded(look_closely=True)) is not None:
            yield crowded
        live = self._observer.live()
        if self._cpu(live) > bounds.cpu * 1_000_000:
            yield self._sentence("cpu")
        if self._observer.log.count > bounds.events:
            yield self._sentence("events")
        live = [process for process in live if process.argv]  # before its exec it is still ours
        objects = self._tier.objects()
        if len(objects) > bounds.objects:
            yield self._sentence("objects")
        memory = taken(
            live,
            objects,
            most=bounds.memory,
            longest=bounds.files,
            shared=self._tier.name != _OWN,
        )
        memory += self._in_sockets()
        self.memory_peak = max(self.memory_peak, memory)
        if memory > bounds.memory:
            yield self._sentence("memory")
        if self._used(init_pid) - self._given > bounds.files:
            yield self._sentence("files")

    def _in_sockets(self) -> int:
        """Bytes in the buffers of the run's sockets, where it has a network of its own."""
        if self._tier.name != _OWN or sock_diag.sockets() < _MANY_SOCKETS:
            return 0
        return sock_diag.buffered()

    def _used(self, init_pid: int) -> int:
        """Bytes in files."""
        if self._tier.name == _OWN:
            return _written(init_pid, (self._tier.work, "/tmp", "/dev/shm"))
        began = time.monotonic()
        if began >= self._next_walk:
            names = [found.id for found in self._tier.objects() if found.kind == "shm"]
            shared = (f"/dev/shm/{name}" for name in names if isinstance(name, str))
            self._walked = _tree_size((self._tier.work, self._tier.temporary, *shared))
            self._walked += _nameless(self._observer.live())
            self._next_walk = began + _BETWEEN_WALKS * (time.monotonic() - began)
        return self._walked

    def _cpu(self, live: Sequence[Proc]) -> int:
        for process in live:
            process.cpu_us = max(process.cpu_us, proc.cpu_us(process.pid))
        self.cpu_us = sum(process.cpu_us for process in self._observer.processes)
        return self.cpu_us

    def _sentence(self, name: str) -> tuple[str, str]:
        bounds = self._bounds
        return name, {
            "cpu": f"more than {bounds.cpu:g} s of CPU time",
            "processes": f"more than {bounds.processes} processes and threads",
            "memory": f"more than {bounds.memory >> 20} MiB of memory",
            "files": f"more than {bounds.files >> 20} MiB in files, thousands of files, or folders "
            f"more than {DEEPEST} deep",
            "descriptors": f"more than {bounds.descriptors} descriptors open in one process",
            "objects": f"more than {bounds.objects} message queues, segments and semaphore sets",
            "events": f"more than {bounds.events} observed events",
        }[name]


def _nameless(live: Sequence[Proc]) -> int:
    """Bytes in files that are open and in no folder any more, once for each."""
    sizes: dict[tuple[int, int], int] = {}
    for process in {id(process.files): process for process in live}.values():
        files = [fd for fd, one in process.files.items() if one.object.kind == "file"]
        for fd in (*files, *process.files.dull):
            known = proc.target_stat(process.view, fd)
            if known is not None and stat.S_ISREG(known.st_mode) and known.st_nlink == 0:
                sizes[known.st_dev, known.st_ino] = known.st_blocks * 512
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
        total += _PAST_COUNTING if full else (known.f_blocks - known.f_bfree) * known.f_frsize
    return total


def _tree_size(folders: Sequence[str]) -> int:
    """Bytes on disk below these folders; past counting with too many entries, or too deep ones."""
    total = seen = 0
    for folder in folders:
        deepest = folder.count("/") + DEEPEST
        for entry in entries(folder, _INODES):
            seen += 1 if entry.path.count("/") <= deepest else _INODES
            try:
                total += entry.stat(follow_symlinks=False).st_blocks * 512
            except OSError:
                continue
    return total if seen < _INODES else _PAST_COUNTING
