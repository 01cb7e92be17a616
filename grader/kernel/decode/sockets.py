"""Owns how sockets come to be, get addresses and are connected, as events socket.*: socket(2),
socketpair(2), bind(2), listen(2), connect(2), accept(2), shutdown(2), setsockopt(2).

socket.accept tells the new connection, and by `listener` what it was accepted on.
"""

from __future__ import annotations

import errno
import struct

from grader.kernel import abi_sockets as abi
from grader.kernel import addresses
from grader.kernel.addresses import Names
from grader.kernel.decode.socket_waits import blocked_connect, blocked_receive
from grader.kernel.ends import (
    address_at,
    become,
    become_bound,
    bound_to,
    canonical,
    end_at,
    end_of,
    join,
    object_of,
    returned_address,
)
from grader.kernel.flags import flag_names
from grader.kernel.objects import End, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

_UNDER_WAY = (-errno.EINPROGRESS, -errno.EINTR)
"""A connect(2) that goes on without the caller."""


def enter_own(observer: Observer, call: Call) -> bool:
    """A call on a socket, or on a standard stream, which may be one."""
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in ("socket", "stdio")


# -- coming to be ---------------------------------------------------------------------------------


def _described(call: Call) -> dict[str, Attribute]:
    """The first three arguments of socket(2) and socketpair(2) in words."""
    domain, kind = call.signed(0), call.unsigned(1) & abi.SOCK_TYPE_MASK
    args: dict[str, Attribute] = {
        "domain": abi.DOMAINS.get(domain, str(domain)),
        "type": abi.TYPES.get(kind, str(kind)),
    }
    if call.signed(2):
        args["protocol"] = call.signed(2)
    if flags := call.unsigned(1) & ~abi.SOCK_TYPE_MASK:
        args["flags"] = flag_names(flags, abi.SOCK_FLAGS)
    return args


def _new_end(observer: Observer, call: Call, fd: int, args: dict[str, Attribute]) -> End | None:
    end = end_at(observer, call, fd)
    if end is not None:
        end.domain, end.type = str(args["domain"]), str(args["type"])
    return end


def leave_socket(observer: Observer, call: Call) -> None:
    args = _described(call)
    found = None
    if call.ok and call.result is not None:
        end = _new_end(observer, call, call.result, args)
        if end is not None:
            found = _made(observer, call, object_of(observer, end), end)
        observer.note_descriptor(call.task.proc, call.result)
    fd = call.result if call.ok else None
    observer.emit(call, "socket.create", object=found, fd=fd, args=args)


def _made(observer: Observer, call: Call, found: Object, end: End) -> Object:
    found.created_by = call.task.proc.id
    found.attributes |= {"domain": end.domain, "type": end.type}
    return found


def leave_socketpair(observer: Observer, call: Call) -> None:
    args = _described(call)
    raw = observer.read(call.task, call.args[3], 8) if call.ok else None
    if raw is None or len(raw) < 8:
        observer.emit(call, "socket.pair", args=args)
        return
    descriptors = struct.unpack("=ii", raw)
    first, second = (_new_end(observer, call, fd, args) for fd in descriptors)
    found = None
    if first is not None and second is not None:
        first.peer, second.peer = second, first
        found = observer.objects.numbered(("socketpair", first.inode), "socketpair", "socket")
        _made(observer, call, found, first)
        become(observer, first, found)
        become(observer, second, found)
    for fd in descriptors:
        observer.note_descriptor(call.task.proc, fd)
    ends: dict[str, Attribute] = {"first_fd": descriptors[0], "second_fd": descriptors[1]}
    observer.emit(call, "socket.pair", object=found, args=args | ends)


# -- addresses ------------------------------------------------------------------------------------


def leave_bind(observer: Observer, call: Call) -> None:
    """bind(2). Where the kernel was to choose, the address is what it chose."""
    assert call.descriptor is not None
    found, own = call.descriptor.object, end_of(observer, call.descriptor)
    given = address_at(observer, call, call.args[1], call.unsigned(2))
    if call.ok and own is not None:
        address = canonical(observer, call, own, given)
        if _left_to_kernel(own, given):
            given = address = _local(call, own)
        if address:
            found = become_bound(observer, own, address, call.task.proc.id)
    observer.emit(call, "socket.bind", object=found, fd=call.signed(0), args={"address": given})


def _left_to_kernel(own: End, address: str) -> bool:
    """Whether the kernel is to choose the port, or the name."""
    return not address or (own.domain != "unix" and address.endswith(":0"))


def _local(call: Call, own: End) -> str:
    return addresses.names(call.task.proc.view, call.signed(0), own.inode).local


def leave_listen(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    found, own = call.descriptor.object, end_of(observer, call.descriptor)
    args: dict[str, Attribute] = {"backlog": call.signed(1)}
    if call.ok and own is not None:
        own.listening = True
        if not own.named and (address := _local(call, own)):
            found = become_bound(observer, own, address, call.task.proc.id)
        found.attributes["listening"] = True
        args["address"] = own.local
    observer.emit(call, "socket.listen", object=found, fd=call.signed(0), args=args)


# -- connecting -----------------------------------------------------------------------------------


def enter_connect(observer: Observer, call: Call) -> bool:
    """note: the object of the server, if we know it: whoever has it open could make room."""
    if not enter_own(observer, call):
        return False
    own = end_of(observer, call.descriptor)
    if own is not None:
        given = address_at(observer, call, call.args[1], call.unsigned(2))
        call.note = bound_to(observer, own, canonical(observer, call, own, given))
    return True


def leave_connect(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    fd, found = call.signed(0), call.descriptor.object
    own = end_of(observer, call.descriptor)
    given = address_at(observer, call, call.args[1], call.unsigned(2))
    if own is not None and (call.ok or call.result in _UNDER_WAY):
        address = canonical(observer, call, own, given)
        if own.type == "datagram":
            own.remote = address
            known = bound_to(observer, own, address)
            if known is not None and not own.named:
                become(observer, own, known)
            found = known or found
        elif address:
            found = join(observer, call, fd, "connector", Names(remote=address)) or found
    observer.emit(call, "socket.connect", object=found, fd=fd, args={"address": given})


def leave_accept(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    listening, listener = call.descriptor.object, end_of(observer, call.descriptor)
    found = listening
    args: dict[str, Attribute] = {}
    if call.ok and call.result is not None:
        args |= {"new_fd": call.result, "listener": listening.id}
        peer = returned_address(observer, call, call.args[1], call.args[2])
        own = end_at(observer, call, call.result)
        if own is not None and listener is not None:
            own.domain, own.type = listener.domain, listener.type
            if own.domain != "unix":
                own.timeouts = dict(listener.timeouts)  # TCP's new sockets have their listener's
            hint = Names(listener.local, peer)
            found = join(observer, call, call.result, "acceptor", hint) or listening
            peer = peer or own.remote
        else:
            observer.note_descriptor(call.task.proc, call.result)
        if peer:
            args["peer"] = peer
    if call.name == "accept4" and call.unsigned(3):
        args["flags"] = flag_names(call.unsigned(3), abi.SOCK_FLAGS)
    observer.emit(call, "socket.accept", object=found, fd=call.signed(0), args=args)


def leave_shutdown(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    how = abi.SHUTDOWN.get(call.signed(1), str(call.signed(1)))
    found = call.descriptor.object
    observer.emit(call, "socket.shutdown", object=found, fd=call.signed(0), args={"how": how})


# -- options --------------------------------------------------------------------------------------


def enter_setsockopt(observer: Observer, call: Call) -> bool:
    level, option = call.signed(1), call.signed(2)
    timeout = level == abi.SOL_SOCKET and option in abi.SO_TIMEOUTS
    return (timeout or (level, option) in abi.OPTIONS) and enter_own(observer, call)


def leave_setsockopt(observer: Observer, call: Call) -> None:
    """Options that matter between processes. SO_RCVTIMEO and SO_SNDTIMEO in ms, 0 for never;
    SO_LINGER in seconds, -1 where it is off; TCP_USER_TIMEOUT in ms."""
    assert call.descriptor is not None
    option, own = call.signed(2), end_of(observer, call.descriptor)
    raw = observer.read(call.task, call.args[3], min(call.unsigned(4), 16)) or b""
    args: dict[str, Attribute]
    if call.signed(1) == abi.SOL_SOCKET and option in abi.SO_TIMEOUTS:
        name = abi.SO_TIMEOUTS[option]
        args = {"option": name}
        if len(raw) == abi.TIMEVAL.size:
            seconds, micro = abi.TIMEVAL.unpack(raw)
            args["value"] = seconds * 1000 + micro // 1000
            if call.ok and own is not None:
                own.timeouts["read" if name == "SO_RCVTIMEO" else "write"] = bool(seconds or micro)
    else:
        args = {"option": abi.OPTIONS[call.signed(1), option]}
        if option == abi.SO_LINGER and len(raw) >= abi.LINGER.size:
            on, seconds = abi.LINGER.unpack_from(raw)
            args["value"] = seconds if on else -1
        elif len(raw) >= 4:
            args["value"] = struct.unpack_from("=i", raw)[0]
        if option == abi.TCP_USER_TIMEOUT and call.ok and own is not None:
            own.timeouts["answer"] = bool(args.get("value"))
    found = call.descriptor.object
    observer.emit(call, "socket.option", object=found, fd=call.signed(0), args=args)


_ACCEPT = Row(enter=enter_own, leave=leave_accept, blocked=blocked_receive)

ROWS: dict[str, Row] = {
    "socket": Row(leave=leave_socket),
    "socketpair": Row(leave=leave_socketpair),
    "bind": Row(enter=enter_own, leave=leave_bind),
    "listen": Row(enter=enter_own, leave=leave_listen),
    "connect": Row(enter=enter_connect, leave=leave_connect, blocked=blocked_connect),
    "accept": _ACCEPT,
    "accept4": _ACCEPT,
    "shutdown": Row(enter=enter_own, leave=leave_shutdown, gives=True),
    "setsockopt": Row(enter=enter_setsockopt, leave=leave_setsockopt),
}
