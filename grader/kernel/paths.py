"""Owns what a path means to the tracee that names it: from its folder, under its root."""

from __future__ import annotations

import os
import posixpath

import msgspec

from grader.kernel import abi_files, proc
from grader.kernel.objects import Object, plain
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call

_LONGEST = 4096


class Named(msgspec.Struct, frozen=True):
    """A path as a call gives it, and what it named at that moment.

    absolute: links in it are not followed; None if it cannot be told. status: None where nothing
    has this name. object: None if there is nothing, or nothing of interest.
    """

    given: str
    absolute: str | None
    status: os.stat_result | None
    object: Object | None


def text_at(observer: Observer, call: Call, index: int) -> str:
    """The path argument as given; empty if unreadable. Bytes that are no UTF-8 are kept."""
    raw = observer.read(call.task, call.args[index], _LONGEST) or b""
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def reached(observer: Observer, call: Call, index: int, folder: int | None) -> str:
    """The path argument, as we get to the same place. folder: index of the descriptor argument that
    it starts from, None for the current directory."""
    given = text_at(observer, call, index)
    if given.startswith("/"):
        return given
    fd = abi_files.AT_FDCWD if folder is None else call.signed(folder)
    base = "cwd" if fd == abi_files.AT_FDCWD else f"fd/{fd}"
    return f"/proc/{call.task.proc.view}/{base}/{given}"


def absolute(call: Call, path: str, folder: int | None) -> str | None:
    """The path from the root. folder: index of the descriptor argument that it starts from, None
    for the current directory."""
    if path.startswith("/"):
        return posixpath.normpath(path)
    pid = call.task.proc.view
    fd = abi_files.AT_FDCWD if folder is None else call.signed(folder)
    start = proc.work_directory(pid) if fd == abi_files.AT_FDCWD else proc.link(pid, fd)
    if not path or start is None or not start.startswith("/"):
        return None
    return posixpath.normpath(posixpath.join(start, path))


def status(call: Call, path: str | None, *, follow: bool) -> os.stat_result | None:
    """stat(2) or lstat(2) of a path from the root, as the tracee sees it."""
    if path is None:
        return None
    try:
        return os.stat(f"/proc/{call.task.proc.view}/root{path}", follow_symlinks=follow)
    except (OSError, ValueError):  # gone, or no path at all
        return None


def named(
    observer: Observer, call: Call, index: int, folder: int | None, *, follow: bool = False
) -> Named:
    """What the path argument at index names now."""
    given = text_at(observer, call, index)
    place = absolute(call, given, folder)
    known = status(call, place, follow=follow)
    found = observer.objects.of_status(known, place) if known is not None and place else None
    return Named(plain(given), place, known, found)


def again(observer: Observer, call: Call, before: Named) -> Named:
    """What the same path names now, after the call."""
    known = status(call, before.absolute, follow=False)
    place = before.absolute
    found = observer.objects.of_status(known, place) if known is not None and place else None
    return Named(before.given, place, known, found)


def of_interest(observer: Observer, *names: Named) -> bool:
    """Whether one of them is in the student's folders, or names an object that we know."""
    return any(
        name.object is not None
        or (name.absolute is not None and observer.objects.inside(name.absolute))
        for name in names
    )
