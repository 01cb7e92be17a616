"""Owns files in a student's folder: stubs beside what is there already, writing all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec


def typed(path: Path, cwd: Path) -> str:
    """The path as one types it in `cwd`, the short way."""
    relative = os.path.relpath(path, cwd)
    return min(relative, str(path), key=len)


class Place(StrEnum):
    """What is where a stub should go. work: a file that differs from it."""

    FREE = "free"
    SAME = "same"
    WORK = "work"
    OCCUPIED = "occupied"


class Stub(msgspec.Struct, frozen=True):
    """One file to begin with. place: what is there now."""

    path: Path
    content: bytes
    executable: bool
    place: Place


def stubs(files: Mapping[str, tuple[bytes, bool]], folder: Path) -> Iterator[Stub]:
    """These files (name to content and whether executable) beside what the folder holds.

    OSError: what is there cannot be read.
    """
    for name, (content, executable) in files.items():
        path = folder / name
        yield Stub(path, content, executable, _place(path, content))


def _place(path: Path, content: bytes) -> Place:
    if not os.path.lexists(path):
        return Place.FREE
    if path.is_file():
        return Place.SAME if path.read_bytes() == content else Place.WORK
    return Place.OCCUPIED


def put(stub: Stub) -> None:
    """Write the file, whatever is there. OSError: it can't be written."""
    stub.path.parent.mkdir(parents=True, exist_ok=True)
    replace(stub.path, stub.content, mode=0o777 if stub.executable else 0o666)


def replace(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write the file; whoever reads it meanwhile sees all of it or what was there before.

    mode: of the file, less the umask. OSError: it can't be written, and nothing has changed.
    """
    new = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
