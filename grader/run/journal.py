"""Owns what is written down of a run that shares the machine's IPC: which objects it makes, so that
they can be told from everybody else's when it ends, or after the grader itself was killed.

What a call names is noted before it happens: run or grader may end at the very moment after.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from grader.kernel import abi_files, abi_ipc, ids, ipc, paths
from grader.kernel.leftovers import Found
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call
from grader.trace.model import Event

_SHARED = "/dev/shm/"
_GET = {"msgget": 1, "shmget": 2, "semget": 2}
"""Which argument holds the flags."""
_OPEN = {"open": (0, None, 1), "openat": (1, 0, 2), "openat2": (1, 0, 2), "creat": (0, None, None)}
"""Arguments: the path, the folder that it starts from, the flags."""
_NAME = {
    "mkdir": (0, None),
    "mkdirat": (1, 0),
    "mknod": (0, None),
    "mknodat": (1, 0),
    "symlink": (1, None),
    "symlinkat": (2, 1),
    "link": (1, None),
    "linkat": (3, 2),
    "rename": (1, None),
    "renameat": (3, 2),
    "renameat2": (3, 2),
}
"""Arguments: the new path, the folder that it starts from."""
MAKING = frozenset((*_GET, *_OPEN, *_NAME))
"""The calls that `foresee` is to be told of."""


class Journal:
    """What one run made, as far as it is known by name or number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: set[tuple[str, int | str]] = set()
        self._keys: set[tuple[str, int]] = set()

    def foresee(self, observer: Observer, call: Call) -> None:
        """A call is about to happen: if it makes something new under a name, that name is noted."""
        if call.name in _GET:
            kind, key = call.name.removesuffix("get"), call.unsigned(0)
            creates = call.unsigned(_GET[call.name]) & abi_ipc.IPC_CREAT
            if key != abi_ipc.IPC_PRIVATE and creates and not ipc.exists(kind, key):
                self._note_key(kind, key)
        elif (name := _shared_name(observer, call)) is not None:
            self._note("shm", name)

    def note(self, event: Event) -> None:
        """Something has happened: an object that it made is noted."""
        if event.object is None or event.args.get("created") is not True:
            return
        kind = event.event.partition(".")[0]
        id = event.args.get("id")
        if not isinstance(id, int):
            kind, id = _posix_name(event.object)
        if kind in ("msg", "shm", "sem", "mq"):
            self._note(kind, id)

    def made(self, kind: str, id: int) -> None:
        """An object that the grader itself made for the run is noted."""
        self._note(kind, id)

    def of(self, table: Iterable[Found]) -> list[Found]:
        """Those that the run made, and queues that no folder lists."""
        found = [each for each in table if self._is_noted(each)]
        listed = {(each.kind, each.id) for each in found}
        hidden = not Path("/dev/mqueue").is_dir()
        queues = sorted(str(id) for kind, id in self._made - listed if kind == "mq" and hidden)
        return found + [Found("mq", name, -1) for name in queues]

    def _is_noted(self, found: Found) -> bool:
        if (found.kind, found.id) in self._made:
            return True
        ours = found.owner == os.geteuid() or ids.is_run_id(found.owner)
        return ours and (found.kind, found.key) in self._keys

    def _note(self, kind: str, id: int | str) -> None:
        if (kind, id) not in self._made:
            self._made.add((kind, id))
            self._write(f"{kind} {id}")

    def _note_key(self, kind: str, key: int) -> None:
        if (kind, key) not in self._keys:
            self._keys.add((kind, key))
            self._write(f"{kind}-key {key}")

    def _write(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(line.replace("\n", "\0") + "\n")


def read(path: Path) -> Journal:
    """The journal of a run that is over; empty if it wrote none."""
    found = Journal(path)
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return found
    for line in text.split("\n")[:-1]:
        kind, _, id = line.replace("\0", "\n").partition(" ")
        if kind.endswith("-key"):
            found._keys.add((kind.removesuffix("-key"), int(id)))
        else:
            found._made.add((kind, int(id) if id.isdecimal() else id))
    return found


def _shared_name(observer: Observer, call: Call) -> str | None:
    """The new name in /dev/shm that a call is about to make, wherever links on its way lead."""
    if call.name in _OPEN:
        index, start, flags = _OPEN[call.name]
        if flags is not None and not _creates(observer, call, flags):
            return None
    else:
        index, start = _NAME[call.name]
    place = paths.reached(observer, call, index, start)
    try:
        if call.name in _OPEN and Path(place).is_symlink():
            place = os.path.realpath(place)
        parent, last = os.path.split(place)
        if Path(parent).stat().st_dev != Path(_SHARED).stat().st_dev:
            return None
        real = f"{os.path.realpath(parent)}/{last}"
    except (OSError, ValueError):  # nothing can be made there, or below what has been noted
        return None
    if not real.startswith(_SHARED):
        return None
    name = real.removeprefix(_SHARED).partition("/")[0]
    return name if name and not os.path.lexists(f"{_SHARED}{name}") else None


def _creates(observer: Observer, call: Call, index: int) -> bool:
    if call.name != "openat2":
        return bool(call.unsigned(index) & abi_files.O_CREAT)
    raw = observer.read(call.task, call.args[index], 8) or b""
    return bool(int.from_bytes(raw, "little") & abi_files.O_CREAT)


def _posix_name(id: str) -> tuple[str, str]:
    """(kind, name as its folder lists it) of an object's id: "sem:/turn" is /dev/shm/sem.turn."""
    kind, _, name = id.partition("#")[0].partition(":/")
    return ("shm", f"sem.{name}") if kind == "sem" else (kind, name)
