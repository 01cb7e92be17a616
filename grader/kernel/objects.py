"""Owns the kernel objects of a run: what a descriptor is, by the kernel's own identity, and the
names we give ("pipe1", "msg:1234")."""

from __future__ import annotations

import os
import posixpath
import stat as modes
from typing import Literal

import msgspec

from grader.kernel import proc
from grader.trace.model import Attribute, KernelObject

_MEMORY = ("/dev/shm/", "/memfd:")
_MACHINERY = ("/__pycache__/", "/site-packages/", "/lib/python")
"""Parts of paths that interpreters read and write for themselves."""

_OWN = {"anon_inode:[signalfd]": "signalfd", "anon_inode:[timerfd]": "timerfd"}

_LONGEST_NAME = 256
"""Characters. A program may make as many objects as events, each under a path of 4096."""

Key = tuple[str, object]
"""Kind and the kernel's identity: an inode, a SysV id, a path."""


def memory_name(path: str) -> tuple[str, str]:
    """(kind, name of the object) for a path in /dev/shm or a memfd: "/dev/shm/sem.mutex" is what
    the C library calls the semaphore "/mutex"."""
    if path.startswith("/memfd:"):
        return "shm", path[1:]
    name = path.removeprefix("/dev/shm/")
    if name.startswith("sem."):
        return "sem", f"sem:/{name[4:]}"
    return "shm", f"shm:/{name}"


def _inode_in(target: str) -> int | None:
    """The inode of a socket, from its link in /proc; None for anything else."""
    return int(target[8:-1]) if target.startswith("socket:[") else None


def socket_inode(pid: int, fd: int) -> int | None:
    """The inode of the socket behind a descriptor; None if it is none."""
    return _inode_in(proc.link(pid, fd) or "")


def _bounded(name: str) -> str:
    """A name of which only so much is kept as anyone would give to one."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[1 - half :]}"


def plain(path: str) -> str:
    """A path as valid Unicode, whatever bytes it has."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Object(msgspec.Struct, eq=False):
    """One kernel object while the run lasts. kind: pipe, fifo, file, socket, msg, …"""

    id: str
    kind: str
    key: Key
    created_by: str | None = None
    removed_by: str | None = None
    attributes: dict[str, Attribute] = msgspec.field(default_factory=dict)
    used: bool = False
    """True once an event names it; others are left out of the recording."""
    outside: bool = False
    """True if it was there before the command: somebody who is not observed may hold it too."""

    def frozen(self) -> KernelObject:
        return KernelObject(
            id=self.id,
            kind=self.kind,
            created_by=self.created_by,
            removed_by=self.removed_by,
            attributes=dict(self.attributes),
        )


class End(msgspec.Struct, eq=False):
    """One socket: what it is by itself, whether or not it is one end of a connection.

    domain: "unix", "inet", "inet6", …; type: "stream", "datagram", …. named: the program bound it
    to its address. local, remote: its addresses. role: how it came into its connection, pid: by
    which process. timeouts: whether waiting to read ("read") or write ("write") ends by itself, and
    whether TCP gives up on a receiver that takes nothing ("answer").
    """

    inode: int
    domain: str = ""
    type: str = ""
    named: bool = False
    local: str = ""
    remote: str = ""
    listening: bool = False
    role: Literal["connector", "acceptor"] | None = None
    pid: int = 0
    peer: End | None = None
    timeouts: dict[str, bool] = msgspec.field(default_factory=dict)


class Descriptor(msgspec.Struct, frozen=True):
    """An open descriptor: the object behind it and how it was opened."""

    object: Object
    readable: bool
    writable: bool
    inode: int | None = None
    """Of a socket: which of the two ends of its object this is."""

    @property
    def end(self) -> str | None:
        """ "read" or "write" for a one-way descriptor, None for a two-way one."""
        if self.readable == self.writable:
            return None
        return "read" if self.readable else "write"


class Objects:
    """The registry: one Object for one kernel identity, named in order of appearance."""

    def __init__(self, work_folder: str | None = None, *others: str) -> None:
        """work_folder, others: where the student's files lie; elsewhere a file is of no interest
        unless it is locked."""
        self._by_key: dict[Key, Object] = {}
        self._all: list[Object] = []
        self._counts: dict[str, int] = {}
        self._ids: set[str] = set()
        self.ends: dict[int, End] = {}
        """Sockets by inode, as far as they were made before our eyes (`kernel.ends`)."""
        self.half_open: dict[frozenset[str], End] = {}
        """TCP connections by their two addresses, of which one end was seen."""
        self.work_folder = work_folder
        self._folders = tuple(f"{name}/" for name in (work_folder, *others) if name and name != "/")
        self.ignored: set[str] = set()
        """Paths of no interest in these folders: the programs themselves."""

    def used(self) -> list[Object]:
        """The objects that events name, in order of appearance."""
        return [found for found in self._all if found.used]

    def get(self, key: Key) -> Object | None:
        return self._by_key.get(key)

    def forget(self, key: Key) -> None:
        """The kernel may use this identity again for another object (a removed SysV id)."""
        self._by_key.pop(key, None)

    def retire(self, found: Object) -> None:
        """A file that lost its last name: its inode may be used again once it is closed."""
        self._by_key.pop(found.key, None)
        self._by_key["removed", found.key[1]] = found

    def alias(self, key: Key, found: Object) -> None:
        """Another identity of the same object (the name of a queue beside its inode)."""
        self._by_key[key] = found

    def named(self, key: Key, name: str, kind: str | None = None) -> Object:
        """The object of this identity under a fixed name (stdin, stdout, "msg:1234")."""
        return self._by_key.get(key) or self._new(key, self._unique(name), kind)

    def numbered(self, key: Key, stem: str, kind: str | None = None) -> Object:
        """The object of this identity, named stem1, stem2, … when it is new."""
        found = self._by_key.get(key)
        if found is None:
            number = self._counts[stem] = self._counts.get(stem, 0) + 1
            found = self._new(key, self._unique(f"{stem}{number}"), kind)
        return found

    def _new(self, key: Key, name: str, kind: str | None) -> Object:
        found = self._by_key[key] = Object(name, kind or key[0], key)
        self._all.append(found)
        return found

    def _unique(self, name: str) -> str:
        name = candidate = _bounded(name)
        number = 1
        while candidate in self._ids:
            number += 1
            candidate = f"{name}#{number}"
        self._ids.add(candidate)
        return candidate

    def descriptor(self, pid: int, fd: int) -> Descriptor | None:
        """What the kernel says this descriptor is; None if it is closed or of no interest."""
        target = proc.link(pid, fd)
        if target is None:
            return None
        found = self.of_link(pid, fd, target)
        if found is None:
            return None
        readable, writable = proc.access(pid, fd)
        return Descriptor(found, readable, writable, _inode_in(target))

    def of_link(self, pid: int, fd: int, target: str) -> Object | None:
        """The object behind a /proc/PID/fd link, None if it is of no interest."""
        if target.startswith("pipe:["):
            key = ("pipe", int(target[6:-1]))
            return self._by_key.get(key) or self.numbered(key, "pipe")
        known = self._by_key.get(("link", target))
        if known is not None:
            return known
        if target == "anon_inode:[eventfd]":
            number = proc.fdinfo(pid, fd).get("eventfd-id")
            return self.numbered(("eventfd", int(number)), "eventfd") if number else None
        inode = _inode_in(target)
        if inode is not None:
            return self.numbered(("socket", inode), "socket")
        if target in _OWN:
            # the kernel tells no identity: what a process opened as this number
            return self.numbered((_OWN[target], (pid, fd)), _OWN[target])
        if target.startswith("/"):
            return self._of_path(pid, fd, target)
        return None

    def _of_path(self, pid: int, fd: int, target: str) -> Object | None:
        known = proc.target_stat(pid, fd)
        if known is None:
            return None
        return self.of_status(known, target)

    def of_status(self, known: os.stat_result, path: str) -> Object | None:
        """The object that this file is, by its inode; path names it if it is new."""
        inode = (known.st_dev, known.st_ino)
        if known.st_nlink == 0:
            removed = self._by_key.get(("removed", inode))
            if removed is not None:
                return removed
            path = path.removesuffix(" (deleted)")
        identity = ("fifo" if modes.S_ISFIFO(known.st_mode) else "inode", inode)
        found = self._by_key.get(identity)
        if found is not None:
            return found
        if identity[0] == "fifo":
            return self._file(identity, path)
        if path.startswith(_MEMORY):
            return self.shared_memory(identity, path)
        if modes.S_ISREG(known.st_mode) and self.inside(path):
            return self._file(identity, path, "file")
        return None

    def _file(self, identity: Key, path: str, kind: str = "fifo") -> Object:
        short = self.short(path)
        found = self.named(identity, f"{kind}:{short}", kind)
        found.attributes["path"] = short
        return found

    def regard(self, pid: int, fd: int) -> None:
        """Make the file or folder behind a descriptor one of interest, wherever it lies."""
        target, known = proc.link(pid, fd), proc.target_stat(pid, fd)
        if target is None or known is None or not target.startswith("/"):
            return
        identity = ("inode", (known.st_dev, known.st_ino))
        if identity not in self._by_key and self.of_status(known, target) is None:
            self._file(identity, target, "file")

    def inside(self, path: str) -> bool:
        """Whether a path lies in the student's folders and is not part of some machinery."""
        return (
            path.startswith(self._folders)
            and path not in self.ignored
            and not any(part in path for part in _MACHINERY)
        )

    def shared_memory(self, identity: Key, target: str) -> Object:
        """The object behind a file of /dev/shm or a memfd: shm_overview(7), sem_overview(7)."""
        path = target.removesuffix(" (deleted)")
        kind, name = memory_name(path)
        found = self.named(identity, name, kind)
        found.attributes["name"] = _bounded(name.partition(":")[2])
        if len(path) <= _LONGEST_NAME and path.startswith("/dev/shm/"):
            found.attributes["path"] = path
        return found

    def rename(self, found: Object, name: str) -> None:
        """Give an object that got its real name late (a named semaphore) that name."""
        self._ids.discard(found.id)
        found.id = self._unique(name)

    def absolute(self, path: bytes) -> str:
        """A path that a tracee named, from the work folder where it is relative."""
        text = path.decode("utf-8", "backslashreplace")
        return posixpath.normpath(posixpath.join(self.work_folder or "/", text))

    def short(self, path: str) -> str:
        """A path as the student knows it: relative to the work folder where it lies in it. Not all
        of one that is too long for anybody to read."""
        folder = self.work_folder
        if folder and path.startswith(folder + "/"):
            path = path[len(folder) + 1 :]
        return _bounded(plain(path))
