"""Owns what each socket is, by its inode, and which two of them are the ends of one connection.

A socket is "socket1" until it has an address. Then it goes by that: "tcp:127.0.0.1:8080",
"udp:127.0.0.1:9000", "unix:/path", "unix:@name"; sockets with one address are one object. Both
ends of a connection are one object, "tcp:127.0.0.1:8080#1" for the first one to that server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from grader.kernel import abi_sockets, addresses, paths
from grader.kernel.addresses import Names
from grader.kernel.objects import Descriptor, End, Object, socket_inode

if TYPE_CHECKING:
    from grader.kernel.observer import Observer
    from grader.kernel.tracee import Call

Role = Literal["connector", "acceptor"]


def address_at(observer: Observer, call: Call, pointer: int, length: int) -> str:
    """The struct sockaddr at a pointer as text; empty if there is none."""
    raw = (
        observer.read(call.task, pointer, min(length, abi_sockets.ADDRESS_MOST))
        if pointer
        else None
    )
    return addresses.parse(raw or b"")


def returned_address(observer: Observer, call: Call, pointer: int, length_at: int) -> str:
    """The address that the kernel filled in, as accept(2) and recvfrom(2) do."""
    raw = observer.read(call.task, length_at, 4) if pointer and length_at else None
    return address_at(observer, call, pointer, int.from_bytes(raw, "little")) if raw else ""


def end_at(observer: Observer, call: Call, fd: int) -> End | None:
    """What we know of the socket behind a descriptor, new if it is new; None if it is none."""
    inode = socket_inode(call.task.proc.view, fd)
    if inode is None:
        return None
    return observer.objects.ends.setdefault(inode, End(inode))


def end_of(observer: Observer, descriptor: Descriptor | None) -> End | None:
    """What we know of a socket; None if it was not made before our eyes."""
    if descriptor is None or descriptor.inode is None:
        return None
    return observer.objects.ends.get(descriptor.inode)


def object_of(observer: Observer, end: End) -> Object:
    """The object that a socket belongs to now."""
    return observer.objects.numbered(("socket", end.inode), "socket")


def name_of(end: End, address: str) -> str:
    """How what is at an address is called, for a socket of this kind."""
    if end.domain == "unix":
        return f"unix:{address}"
    protocol = {"stream": "tcp", "datagram": "udp"}.get(end.type, end.type)
    return f"{protocol}:{address}"


def canonical(observer: Observer, call: Call, end: End | None, address: str) -> str:
    """The same address for all who mean it: a path of a UNIX socket from the work folder."""
    if end is None or end.domain != "unix" or not address or address.startswith("@"):
        return address
    place = paths.absolute(call, address, None)
    return observer.objects.short(place) if place is not None else address


def bound_to(observer: Observer, end: End, address: str) -> Object | None:
    """The object of a socket that was bound to an address (or to all of the machine's)."""
    if not address:
        return None
    for candidate in addresses.wildcards(address):
        found = observer.objects.get(("address", name_of(end, candidate)))
        if found is not None:
            return found
    return None


def become(observer: Observer, end: End, found: Object) -> None:
    """From now on the socket belongs to this object, in every descriptor of it."""
    objects = observer.objects
    before = objects.get(("socket", end.inode))
    objects.alias(("socket", end.inode), found)
    if before is None or before is found:
        return
    before.attributes["became"] = found.id
    for process in observer.live():
        for fd, known in process.files.items():
            if known.inode == end.inode:
                process.files[fd] = Descriptor(found, known.readable, known.writable, end.inode)


def become_bound(observer: Observer, end: End, address: str, by: str) -> Object:
    """The socket has an address of its own."""
    end.named, end.local = True, address
    name = name_of(end, address)
    found = observer.objects.named(("address", name), name, "socket")
    found.created_by = found.created_by or by
    found.attributes |= {"domain": end.domain, "type": end.type, "address": address}
    become(observer, end, found)
    return found


def join(observer: Observer, call: Call, fd: int, role: Role, hint: Names) -> Object | None:
    """The object of the connection that this descriptor is one end of, shared with the other end.

    hint: its addresses as far as the call tells. Whichever end is seen first names it.
    """
    own = end_at(observer, call, fd)
    if own is None:
        return None
    if own.role is None:
        own.role = role
        _joined(observer, call, fd, own, hint)
    observer.note_descriptor(call.task.proc, fd)
    return object_of(observer, own)


def _joined(observer: Observer, call: Call, fd: int, own: End, hint: Names) -> None:
    process, connects = call.task.proc, own.role == "connector"
    own.pid = process.pid
    own.local, own.remote = hint.local, hint.remote
    if own.domain != "unix":
        known = addresses.names(process.view, fd, own.inode)
        own.local, own.remote = known.local or hint.local, known.remote or hint.remote
    other = _other_unix(observer, fd, own) if own.domain == "unix" else _other(observer, own)
    if other is not None:
        own.peer, other.peer = other, own
        found = object_of(observer, other)
    else:
        server = own.remote if connects else own.local
        stem = f"{name_of(own, server)}#"
        found = observer.objects.numbered(("connection", own.inode), stem, "socket")
        found.attributes |= {"domain": own.domain, "type": own.type, "address": server}
    if connects or found.created_by is None:
        found.created_by = process.id
    become(observer, own, found)


def _other(observer: Observer, own: End) -> End | None:
    """The other end of a TCP connection, if it was seen before this one: it has the same two
    addresses."""
    half_open, both = observer.objects.half_open, frozenset((own.local, own.remote))
    first = half_open.pop(both, None)
    if first is not None and first.role != own.role:
        return first
    half_open[both] = own
    return None


def _other_unix(observer: Observer, fd: int, own: End) -> End | None:
    """The other end of a UNIX connection, if it was seen before this one."""
    ends = observer.objects.ends
    inode = addresses.unix_peer(own.inode)
    if inode is not None:
        first = ends.get(inode)
        known = first is not None and first.role not in (None, own.role) and first.peer is None
        return first if known else None
    if own.role == "connector":
        return None  # not accepted yet
    # it was closed before it was accepted: then we have seen it connect
    pid = addresses.connector_pid(own.pid, fd)
    gone = (
        end
        for end in ends.values()
        if end.role == "connector"
        and (end.domain, end.peer, end.remote) == ("unix", None, own.local)
        and pid in (None, end.pid)
    )
    return next(gone, None)
