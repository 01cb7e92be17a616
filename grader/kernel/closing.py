"""Owns descriptors that close: who still holds that end, and the event that tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.kernel.calling import NOWHERE, Place
from grader.kernel.objects import Descriptor, Object
from grader.kernel.tracee import Proc
from grader.trace.model import Attribute

if TYPE_CHECKING:
    from grader.kernel.observer import Observer

CLOSE_EVENTS = frozenset(("pipe", "fifo", "file", "socket", "mq"))
"""Kinds of objects whose closing is an event."""


def holders(observer: Observer, found: Object, end: str) -> list[str]:
    """Which processes hold this end of the object open, as the descriptors were noted."""
    if observer.held is not None:
        return observer.held.get((found.id, end), [])
    return [process.id for process in observer.live() if process.files.holds((found, end))]


def socket_holders(observer: Observer, inode: int) -> list[str]:
    """Which processes hold this socket open, as the descriptors were noted."""
    if observer.held is not None:
        return observer.held.get((inode, ""), [])
    return [process.id for process in observer.live() if process.files.holds(inode)]


def closed_implicitly(
    observer: Observer, process: Proc, before: Mapping[int, Descriptor], call: str
) -> None:
    observer.held = _all_holders(observer) if before else None
    for fd, descriptor in sorted(before.items()):
        now = process.files.get(fd)
        if now is None or now.object is not descriptor.object:
            emit_close(observer, process, fd, descriptor, call)
    observer.held = None


def _all_holders(observer: Observer) -> dict[tuple[str | int, str], list[str]]:
    """Who holds what open, asked once where many descriptors close at once."""
    held: dict[tuple[str | int, str], list[str]] = {}

    def note(key: tuple[str | int, str], id: str) -> None:
        ids = held.setdefault(key, [])
        if not ids or ids[-1] != id:
            ids.append(id)

    for process in observer.live():
        for descriptor in process.files.values():
            if descriptor.readable:
                note((descriptor.object.id, "read"), process.id)
            if descriptor.writable:
                note((descriptor.object.id, "write"), process.id)
            if descriptor.inode is not None:
                note((descriptor.inode, ""), process.id)
    return held


def emit_close(
    observer: Observer,
    process: Proc,
    fd: int,
    descriptor: Descriptor,
    call: str,
    *,
    place: Place = NOWHERE,
) -> None:
    """`family.close` for a descriptor of interest, with who still has that end open. place:
    of the call, where one closed it."""
    found = descriptor.object
    if found.kind in CLOSE_EVENTS:
        args: dict[str, Attribute] = {}
        if descriptor.end is not None and found.kind != "file":
            args["end"] = descriptor.end
            args["left"] = list(holders(observer, found, descriptor.end))
        elif descriptor.inode is not None:
            args["left"] = list(socket_holders(observer, descriptor.inode))
        event = f"{found.kind}.close"
        observer.emit_plain(process, event, call=call, object=found, fd=fd, args=args, place=place)
    for closing in observer.closings:
        closing(observer, process, descriptor, call)
