"""Owns what a call that sleeps on a socket waits for, and who could end the wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.kernel import addresses, proc
from grader.kernel.decode.io import BLOCKED
from grader.kernel.ends import address_at, bound_to, canonical, end_of
from grader.kernel.objects import Descriptor, End, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import GRADER, Blocked
from grader.kernel.tracee import Call
from grader.trace.model import Holder

CONNECTION = "a connection"
"""What a listening socket waits for."""
DATAGRAM = "a datagram"
NOTICE = "a notice of the kernel"
"""What a netlink socket waits for, such as that of a thread that mq_notify(3) starts: in a network
of the run's own there are none but those that its processes bring about."""
_PROVABLE = ("unix", "inet", "inet6")


def _everybody(observer: Observer) -> tuple[Holder, ...]:
    return tuple(Holder(process=process.id) for process in observer.live())


def _open_in(
    observer: Observer, found: Object, wanted: Callable[[Descriptor], bool], end: str | None = None
) -> Iterator[Holder]:
    """Who has a descriptor of this object open now, by /proc."""
    for process in observer.live():
        for fd, target in proc.descriptors(process.view).items():
            if not target.startswith("socket:["):
                continue
            known = observer.objects.descriptor(process.view, fd)
            if known is not None and known.object is found and wanted(known):
                yield Holder(process=process.id, fd=fd, end=end)


def _at_other_end(
    observer: Observer, descriptor: Descriptor, own: End
) -> tuple[Holder, ...] | None:
    """Who could send to this end of a connection, or read from it; None if that is unknown."""
    there = _open_in(observer, descriptor.object, lambda d: d.inode != own.inode, "other")
    if found := tuple(there):
        return found
    if own.peer is not None:
        return ()  # closed by all, or on its way inside another socket's message
    server = bound_to(observer, own, own.remote) if own.role == "connector" else None
    if server is not None and (listeners := tuple(_open_in(observer, server, lambda _d: True))):
        return listeners  # it waits in their backlog to be accepted
    # no observed process ever had the other end
    return (GRADER,) if addresses.is_local(own.remote) else None


def blocked_socket(
    observer: Observer, descriptor: Descriptor, fd: int, end: str, to: str = ""
) -> Blocked | None:
    """Waiting to receive from or accept on a socket ("read"), or to send to it ("write").

    to: where a datagram goes, if not to where the socket is connected.
    """
    own = end_of(observer, descriptor)
    if own is None:
        return None
    found, timed = descriptor.object, own.timeouts.get(end, False)
    if own.domain == "netlink" and end == "read":
        return Blocked(NOTICE, _everybody(observer), found.id, fd, timed)
    if own.domain not in _PROVABLE:
        return None
    if own.listening:
        return Blocked(CONNECTION, _everybody(observer), found.id, fd, timed)
    timed = timed or own.timeouts.get("answer", False)
    is_datagram = own.type == "datagram"
    if not is_datagram or own.peer is not None:
        holders = _at_other_end(observer, descriptor, own)
    elif end == "read":
        holders = _everybody(observer)
    else:
        receiver = bound_to(observer, own, to or own.remote) or found
        holders = tuple(_open_in(observer, receiver, lambda d: d.inode != own.inode))
    if holders is None:
        return None
    wanted = DATAGRAM if is_datagram else "data or end of file"
    return Blocked(wanted if end == "read" else "room", holders, found.id, fd, timed)


def blocked_receive(observer: Observer, call: Call) -> Blocked | None:
    if call.descriptor is None:
        return None
    return blocked_socket(observer, call.descriptor, call.signed(0), "read")


def blocked_send(observer: Observer, call: Call) -> Blocked | None:
    if call.descriptor is None:
        return None
    to = ""
    if call.name == "sendto":
        given = address_at(observer, call, call.args[4], call.unsigned(5))
        to = canonical(observer, call, end_of(observer, call.descriptor), given)
    return blocked_socket(observer, call.descriptor, call.signed(0), "write", to)


def blocked_connect(observer: Observer, call: Call) -> Blocked | None:
    """A full backlog. TCP gives up by itself after a while, a UNIX socket never does."""
    own = end_of(observer, call.descriptor)
    if own is None or call.descriptor is None or own.domain not in _PROVABLE:
        return None
    timed = own.domain != "unix" or own.timeouts.get("write", False)
    found: Object | None = call.note
    holders = tuple(_open_in(observer, found, lambda _d: True)) if found is not None else ()
    shown = found or call.descriptor.object
    return Blocked("room in the backlog", holders, shown.id, call.signed(0), timed)


BLOCKED["socket"] = blocked_socket
