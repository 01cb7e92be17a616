"""Owns the events socket.*: TCP, UDP and UNIX sockets, socket pairs, descriptor passing.

Both ends of a connection are one object: "tcp:127.0.0.1:8080/1" is the first connection to that
server, "unix:/path/1", "socketpair1". Which socket is the other end, the kernel's tables say.
"""

from __future__ import annotations

import errno
import socket
import struct

from grader.kernel import addresses, proc
from grader.kernel.decode.io import BLOCKED, gather_from
from grader.kernel.objects import Descriptor, Key, Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute, Holder

_TYPE_MASK = 0xF
_TYPES = {1: "stream", 2: "datagram", 3: "raw", 5: "seqpacket"}
_DOMAINS = {int(f): f.name.removeprefix("AF_").lower() for f in socket.AddressFamily}
_HOW = {0: "read", 1: "write", 2: "both"}
_MSG_PEEK = 2
_SCM_RIGHTS = 1
_MSGHDR = struct.Struct("=QI4xQQQQi4x")
"""struct msghdr (linux/socket.h): name, its length, vectors, their count, control, its length."""
_MMSGHDR_BYTES = 64
_MOST_MESSAGES = 64
# asm-generic/socket.h
_OPTIONS = {2: "SO_REUSEADDR", 9: "SO_KEEPALIVE", 13: "SO_LINGER", 15: "SO_REUSEPORT"}
_TIMEOUTS = {
    20: "receive_timeout_ms",
    66: "receive_timeout_ms",
    21: "send_timeout_ms",
    67: "send_timeout_ms",
}


# -- being ----------------------------------------------------------------------------------------


def leave_socket(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {
        "domain": _DOMAINS.get(call.signed(0), str(call.signed(0))),
        "type": _TYPES.get(call.unsigned(1) & _TYPE_MASK, str(call.unsigned(1))),
    }
    found = None
    if call.ok and call.result is not None:
        found = _own(observer, call, call.result, args)
    observer.emit(call, "socket.create", object=found, fd=call.result, args=args)


def _own(
    observer: Observer, call: Call, fd: int, attributes: dict[str, Attribute]
) -> Object | None:
    descriptor = observer.note_descriptor(call.task.proc, fd)
    if descriptor is None:
        return None
    descriptor.object.created_by = call.task.proc.id
    descriptor.object.attributes.update(attributes)
    return descriptor.object


def leave_socketpair(observer: Observer, call: Call) -> None:
    raw = observer.read(call.task, call.args[3], 8) if call.ok else None
    kind = _TYPES.get(call.unsigned(1) & _TYPE_MASK, "")
    if raw is None or len(raw) < 8:
        observer.emit(call, "socket.pair", args={"type": kind})
        return
    first, second = struct.unpack("=ii", raw)
    process = call.task.proc
    inodes = [inode for fd in (first, second) if (inode := socket_inode(process.pid, fd))]
    found = None
    if len(inodes) == 2:
        found = observer.objects.numbered(("socket", inodes[0]), "socketpair", "socket")
        observer.objects.alias(("socket", inodes[1]), found)
    for fd in (first, second):
        _own(observer, call, fd, {"domain": "unix", "type": kind})
    observer.emit(
        call,
        "socket.pair",
        object=found,
        args={"type": kind, "first_fd": first, "second_fd": second},
    )


def socket_inode(pid: int, fd: int) -> int | None:
    """The inode of a socket; None if the descriptor is none."""
    target = proc.link(pid, fd) or ""
    return int(target[8:-1]) if target.startswith("socket:[") else None


def enter_own(observer: Observer, call: Call) -> bool:
    """A call on a socket."""
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind in ("socket", "stdio")


def _address(observer: Observer, call: Call, pointer: int, length: int) -> str:
    raw = observer.read(call.task, pointer, min(length, 128)) if pointer else None
    return addresses.parse(raw or b"")


def leave_bind(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    found = call.descriptor.object
    address = _address(observer, call, call.args[1], call.unsigned(2))
    if call.ok:
        inode = call.descriptor.inode
        ends = addresses.internet_ends(call.task.proc.pid, inode) if inode else None
        address = ends.local if ends is not None else address
        found.attributes["address"] = address
        if found.attributes.get("type") == "datagram":
            _rename(observer, found, _server(found, address))
            observer.objects.alias(("address", _server(found, address)), found)
    observer.emit(call, "socket.bind", object=found, fd=call.signed(0), args={"address": address})


def _server(found: Object, address: str) -> str:
    """How a bound socket is called: by protocol and address."""
    if found.attributes.get("domain") == "unix":
        return f"unix:{address}"
    return f"{'udp' if found.attributes.get('type') == 'datagram' else 'tcp'}:{address}"


def _rename(observer: Observer, found: Object, name: str) -> None:
    if found.id != name and not found.id.startswith(f"{name}#"):
        observer.objects.rename(found, name)


def leave_listen(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    found = call.descriptor.object
    if call.ok:
        found.attributes["listening"] = True
        inode = call.descriptor.inode
        ends = addresses.internet_ends(call.task.proc.pid, inode) if inode else None
        if ends is not None:
            found.attributes["address"] = ends.local
        _rename(observer, found, _server(found, str(found.attributes.get("address", ""))))
    observer.emit(
        call, "socket.listen", object=found, fd=call.signed(0), args={"backlog": call.signed(1)}
    )


# -- connecting -----------------------------------------------------------------------------------


def leave_connect(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    address = _address(observer, call, call.args[1], call.unsigned(2))
    found = call.descriptor.object
    if call.ok or call.result == -errno.EINPROGRESS:
        found = _connected(observer, call, call.signed(0), address) or found
    observer.emit(
        call, "socket.connect", object=found, fd=call.signed(0), args={"address": address}
    )


def _connected(observer: Observer, call: Call, fd: int, server: str) -> Object | None:
    """The object of the connection that this descriptor is one end of, shared with the other."""
    process, objects = call.task.proc, observer.objects
    inode = socket_inode(process.pid, fd)
    descriptor = observer.note_descriptor(process, fd)
    if inode is None or descriptor is None:
        return None
    own = descriptor.object
    if own.attributes.get("type") == "datagram":
        own.attributes["remote"] = server
        return own
    ends = addresses.internet_ends(process.pid, inode)
    if ends is not None:
        key: Key = ("connection", frozenset((ends.local, ends.remote)))
        stem, kind = f"tcp:{server}/", {"domain": "inet", "type": "stream"}
    else:
        # a connection that is not accepted yet has no inode at the server's end: the
        # accepting side finds the connecting one
        peer = addresses.unix_peer(inode)
        known = objects.get(("connection", peer)) if peer else None
        key = known.key if known is not None else ("connection", inode)
        stem, kind = f"unix:{server}/", {"domain": "unix", "type": "stream"}
    found = objects.numbered(key, stem, "socket")
    for name, value in kind.items():
        found.attributes.setdefault(name, value)
    found.created_by = found.created_by or process.id
    objects.alias(("socket", inode), found)
    _replace(observer, own, found)
    return found


def _replace(observer: Observer, old: Object, new: Object) -> None:
    """Descriptors that were noted before the connection was made are its ends now."""
    if old is new:
        return
    for process in observer.live():
        for fd, descriptor in process.files.items():
            if descriptor.object is old:
                process.files[fd] = Descriptor(new, True, True, descriptor.inode)


def leave_accept(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    listening = call.descriptor.object
    args: dict[str, Attribute] = {}
    found = listening
    if call.ok and call.result is not None:
        server = str(listening.attributes.get("address", ""))
        args["new_fd"] = call.result
        inode = socket_inode(call.task.proc.pid, call.result)
        ends = addresses.internet_ends(call.task.proc.pid, inode) if inode else None
        if ends is not None:
            args["peer"] = ends.remote
        found = _connected(observer, call, call.result, server) or listening
    observer.emit(call, "socket.accept", object=found, fd=call.signed(0), args=args)


def leave_shutdown(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    how = _HOW.get(call.signed(1), str(call.signed(1)))
    observer.emit(
        call,
        "socket.shutdown",
        object=call.descriptor.object,
        fd=call.signed(0),
        args={"how": how},
    )


def leave_setsockopt(observer: Observer, call: Call) -> None:
    if call.signed(1) != socket.SOL_SOCKET or call.descriptor is None:
        return
    option, found = call.signed(2), call.descriptor.object
    raw = observer.read(call.task, call.args[3], 16) or b""
    args: dict[str, Attribute]
    if option in _TIMEOUTS and len(raw) == 16:
        seconds, micro = struct.unpack("=qq", raw)
        args = {"option": _TIMEOUTS[option], "value": seconds * 1000 + micro // 1000}
        if call.ok:
            found.attributes[_TIMEOUTS[option]] = seconds * 1000 + micro // 1000
    elif option in _OPTIONS and len(raw) >= 4:
        args = {"option": _OPTIONS[option], "value": struct.unpack_from("=i", raw)[0]}
    else:
        return
    observer.emit(call, "socket.option", object=found, fd=call.signed(0), args=args)


# -- sending and receiving ------------------------------------------------------------------------


def _aim(observer: Observer, found: Object, args: dict[str, Attribute]) -> Object:
    """The object that a datagram goes to: the bound socket that will receive it, if it is known."""
    if found.attributes.get("type") != "datagram":
        return found
    address = args.get("to") or found.attributes.get("remote")
    return observer.objects.get(("address", _server(found, str(address)))) or found


def leave_sendto(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    moved = call.result if call.ok else None
    args: dict[str, Attribute] = {}
    if call.args[4]:
        args["to"] = _address(observer, call, call.args[4], call.unsigned(5))
    observer.emit(
        call,
        "socket.send",
        object=_aim(observer, call.descriptor.object, args),
        bytes=moved,
        data=observer.data(call.task, call.args[1], moved) if moved else None,
        fd=call.signed(0),
        args=args,
    )


def leave_recvfrom(observer: Observer, call: Call) -> None:
    moved = call.result if call.ok else None
    data = observer.data(call.task, call.args[1], moved) if moved else None
    args: dict[str, Attribute] = {}
    if moved and call.args[4]:
        raw = observer.read(call.task, call.args[5], 4) if call.args[5] else None
        length = int.from_bytes(raw, "little") if raw else 0
        if length:
            args["from"] = _address(observer, call, call.args[4], length)
    _received(observer, call, moved, data, args, asked=call.args[2] > 0, flags=call.unsigned(3))


def _received(
    observer: Observer,
    call: Call,
    moved: int | None,
    data: bytes | None,
    args: dict[str, Attribute],
    *,
    asked: bool,
    flags: int,
) -> None:
    assert call.descriptor is not None
    found = call.descriptor.object
    if flags & _MSG_PEEK:
        args["peek"] = True
    ended = moved == 0 and asked and found.attributes.get("type") != "datagram"
    observer.emit(
        call,
        "socket.eof" if ended else "socket.receive",
        object=found,
        bytes=moved,
        data=data,
        fd=call.signed(0),
        args=args,
    )


def _message(
    observer: Observer, call: Call, address: int, moved: int | None
) -> tuple[bytes | None, dict[str, Attribute], bool]:
    """What a struct msghdr carries: data, address and passed descriptors, whether it has room."""
    raw = observer.read(call.task, address, _MSGHDR.size)
    if raw is None or len(raw) < _MSGHDR.size:
        return None, {}, True
    name, name_length, vectors, count, control, control_length, _flags = _MSGHDR.unpack(raw)
    args: dict[str, Attribute] = {}
    if name and name_length:
        key = "to" if call.name.startswith("send") else "from"
        if text := _address(observer, call, name, name_length):
            args[key] = text
    if control and control_length:
        passed = _passed(observer, call, control, control_length)
        if passed:
            args["passed"] = passed
    data = gather_from(observer, call, vectors, count, moved) if moved else None
    return data, args, count > 0


def _passed(observer: Observer, call: Call, control: int, length: int) -> list[int | str]:
    """The objects behind descriptors in SCM_RIGHTS messages (unix(7)); new ones are noted."""
    raw = observer.read(call.task, control, min(length, 4096)) or b""
    found: list[int | str] = []
    at = 0
    while at + 16 <= len(raw):
        size, level, kind = struct.unpack_from("=Qii", raw, at)
        if size < 16:
            break
        if level == socket.SOL_SOCKET and kind == _SCM_RIGHTS:
            for place in range(at + 16, min(at + size, len(raw)) - 3, 4):
                (fd,) = struct.unpack_from("=i", raw, place)
                known = observer.note_descriptor(call.task.proc, fd)
                found.append(known.object.id if known is not None else f"fd {fd}")
        at += (size + 7) & ~7
    return found


def leave_sendmsg(observer: Observer, call: Call) -> None:
    assert call.descriptor is not None
    moved = call.result if call.ok else None
    data, args, _asked = _message(observer, call, call.args[1], moved)
    observer.emit(
        call,
        "socket.send",
        object=_aim(observer, call.descriptor.object, args),
        bytes=moved,
        data=data,
        fd=call.signed(0),
        args=args,
    )


def leave_recvmsg(observer: Observer, call: Call) -> None:
    moved = call.result if call.ok else None
    data, args, asked = _message(observer, call, call.args[1], moved if call.ok else None)
    if not call.ok:
        args = {}
    _received(observer, call, moved, data, args, asked=asked, flags=call.unsigned(2))


def leave_many(observer: Observer, call: Call) -> None:
    """sendmmsg, recvmmsg: an event for each message that went."""
    assert call.descriptor is not None
    event = "socket.send" if call.name == "sendmmsg" else "socket.receive"
    found, fd = call.descriptor.object, call.signed(0)
    if not call.ok or call.result is None:
        observer.emit(call, event, object=found, fd=fd)
        return
    for index in range(min(call.result, _MOST_MESSAGES)):
        address = call.args[1] + index * _MMSGHDR_BYTES
        raw = observer.read(call.task, address + _MSGHDR.size, 4)
        moved = int.from_bytes(raw or b"", "little")
        data, args, _asked = _message(observer, call, address, moved)
        observer.emit(call, event, object=found, bytes=moved, data=data, fd=fd, args=args)


# -- what a blocked call waits for ----------------------------------------------------------------


def _other_end(observer: Observer, descriptor: Descriptor) -> tuple[Holder, ...]:
    """Who has the other end of a connection open, by /proc: the grader where no tracee has."""
    found: list[Holder] = []
    for process in observer.live():
        for fd, target in proc.descriptors(process.pid).items():
            if not target.startswith("socket:[") or int(target[8:-1]) == descriptor.inode:
                continue
            if observer.objects.of_link(process.pid, fd, target) is descriptor.object:
                found.append(Holder(process=process.id, fd=fd, end="other"))
    return tuple(found) or (Holder(process="grader"),)


def blocked_socket(observer: Observer, descriptor: Descriptor, fd: int, end: str) -> Blocked | None:
    """Waiting to receive from, accept on ("read") or send to ("write") a socket."""
    found = descriptor.object
    everybody = tuple(Holder(process=process.id) for process in observer.live())
    limit = "receive_timeout_ms" if end == "read" else "send_timeout_ms"
    timed = bool(found.attributes.get(limit))
    if found.attributes.get("listening"):
        return Blocked("a connection", everybody, found.id, fd, timed)
    if found.attributes.get("type") == "datagram":
        needs = "a datagram" if end == "read" else "room"
        return Blocked(needs, everybody, found.id, fd, timed)
    needs = "data or end of file" if end == "read" else "room"
    return Blocked(needs, _other_end(observer, descriptor), found.id, fd, timed)


def blocked_receive(observer: Observer, call: Call) -> Blocked | None:
    assert call.descriptor is not None
    return blocked_socket(observer, call.descriptor, call.signed(0), "read")


def blocked_send(observer: Observer, call: Call) -> Blocked | None:
    assert call.descriptor is not None
    return blocked_socket(observer, call.descriptor, call.signed(0), "write")


def blocked_connect(observer: Observer, call: Call) -> Blocked | None:
    """A full backlog. TCP gives up after a while by itself; a UNIX socket does not."""
    assert call.descriptor is not None
    found = call.descriptor.object
    everybody = tuple(Holder(process=process.id) for process in observer.live())
    by_time = found.attributes.get("domain") != "unix"
    return Blocked("room in the backlog", everybody, found.id, call.signed(0), by_time)


BLOCKED["socket"] = blocked_socket


ROWS: dict[str, Row] = {
    "socket": Row(leave=leave_socket),
    "socketpair": Row(leave=leave_socketpair),
    "bind": Row(enter=enter_own, leave=leave_bind),
    "listen": Row(enter=enter_own, leave=leave_listen),
    "connect": Row(enter=enter_own, leave=leave_connect, blocked=blocked_connect),
    "accept": Row(enter=enter_own, leave=leave_accept, blocked=blocked_receive),
    "accept4": Row(enter=enter_own, leave=leave_accept, blocked=blocked_receive),
    "shutdown": Row(enter=enter_own, leave=leave_shutdown),
    "setsockopt": Row(enter=enter_own, leave=leave_setsockopt),
    "sendto": Row(enter=enter_own, leave=leave_sendto, blocked=blocked_send),
    "sendmsg": Row(enter=enter_own, leave=leave_sendmsg, blocked=blocked_send),
    "sendmmsg": Row(enter=enter_own, leave=leave_many, blocked=blocked_send),
    "recvfrom": Row(enter=enter_own, leave=leave_recvfrom, blocked=blocked_receive),
    "recvmsg": Row(enter=enter_own, leave=leave_recvmsg, blocked=blocked_receive),
    "recvmmsg": Row(enter=enter_own, leave=leave_many, blocked=blocked_receive),
}
