"""Owns the IPC objects of a run in an IPC namespace that it shares with others: which ones are the
run's, and their removal. Files in /dev/shm, POSIX queues, System V objects (sysvipc(7))."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from grader.kernel import partner
from grader.kernel.libc import unlink_queue

_UID_COLUMN = {"msg": 7, "shm": 7, "sem": 4}
_KEY, _ID, _MODE = 0, 1, 2
_SHM, _QUEUES = Path("/dev/shm"), Path("/dev/mqueue")


class Found(msgspec.Struct, frozen=True):
    """One object. id: the kernel's for System V, a name for POSIX; key: 0 for private ones."""

    kind: str
    id: int | str
    owner: int
    key: int = 0
    mode: str = ""
    size: int = 0
    """Bytes that a file in /dev/shm takes."""


def table() -> list[Found]:
    """All objects of this IPC namespace that can be listed at all: POSIX queues only where their
    file system is mounted on /dev/mqueue."""
    return [*system_v(), *_files("shm", _SHM), *_files("mq", _QUEUES)]


def system_v() -> list[Found]:
    """Those with a key and an id."""
    found: list[Found] = []
    for kind, column in _UID_COLUMN.items():
        with (
            suppress(FileNotFoundError),  # a kernel without System V IPC
            open(f"/proc/sysvipc/{kind}", encoding="utf-8") as lines,
        ):
            next(lines)  # the names of the columns
            for line in lines:
                fields = line.split()
                key = int(fields[_KEY]) & 0xFFFFFFFF
                owner = int(fields[column])
                found.append(Found(kind, int(fields[_ID]), owner, key, fields[_MODE]))
    return found


def _files(kind: str, place: Path) -> Iterator[Found]:
    with suppress(FileNotFoundError):
        for entry in os.scandir(place):
            with suppress(FileNotFoundError):
                known = entry.stat(follow_symlinks=False)
                yield Found(kind, entry.name, known.st_uid, size=known.st_blocks * 512)


def remove(objects: Iterable[Found]) -> None:
    """Remove them; one that is gone already is no error."""
    for found in objects:
        with suppress(OSError):
            if found.kind == "mq":
                unlink_queue(str(found.id))
            elif isinstance(found.id, str):
                path = _SHM / found.id
                if path.is_dir() and not path.is_symlink():
                    from grader.kernel import folder

                    folder.remove(path)
                else:
                    path.unlink()
            else:
                partner.remove(found.kind, found.id)
