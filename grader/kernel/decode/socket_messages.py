"""Owns what goes through sockets, as events socket.send, socket.receive, socket.eof, socket.peek:
send(2), recv(2) and their kin (read(2) and write(2) are told in `decode.io`).

A datagram belongs to the bound socket that it goes to, and an answer to one without an address of
its own to the bound socket that it comes from: so both directions are one object.
"""

from __future__ import annotations

import msgspec

from grader.kernel import abi_sockets as abi
from grader.kernel.decode.io import gather_from, vectors
from grader.kernel.decode.socket_waits import blocked_receive, blocked_send
from grader.kernel.decode.sockets import enter_own
from grader.kernel.ends import (
    address_at,
    become,
    bound_to,
    canonical,
    end_of,
    returned_address,
)
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object
from grader.kernel.observer import Observer
from grader.kernel.rows import Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute

_MOST_MESSAGES = 1024
"""UIO_MAXIOV: so many messages one call takes."""
_MOST_CONTROL = 4096


class _Message(msgspec.Struct):
    """One message as the call gave or got it. moved: how many bytes; asked: how many there was
    room for."""

    moved: int | None
    asked: int
    flags: int
    data: bytes | None = None
    address: str = ""
    args: dict[str, Attribute] = msgspec.field(default_factory=dict)


# -- what a call says -----------------------------------------------------------------------------


def _of_buffer(observer: Observer, call: Call) -> _Message:
    """sendto(2), recvfrom(2)."""
    moved = call.result if call.ok else None
    size = call.args[2]
    message = _Message(moved, size, call.unsigned(3))
    if moved:
        # MSG_TRUNC makes recvfrom return more than it stored
        message.data = observer.data(call.task, call.args[1], min(moved, size))
    if call.name == "sendto":
        message.address = address_at(observer, call, call.args[4], call.unsigned(5))
    elif moved is not None:
        message.address = returned_address(observer, call, call.args[4], call.args[5])
    return message


def _of_header(
    observer: Observer, call: Call, at: int, moved: int | None, flags: int, *, sends: bool
) -> _Message:
    """A struct msghdr of sendmsg(2), recvmsg(2)."""
    raw = observer.read(call.task, at, abi.MSGHDR.size)
    if raw is None or len(raw) < abi.MSGHDR.size:
        return _Message(moved, 0, flags)
    name, name_length, iov, count, control, control_length, got = abi.MSGHDR.unpack(raw)
    count = min(count, _MOST_MESSAGES)
    asked = sum(length for _address, length in vectors(observer, call.task, iov, count))
    message = _Message(moved, asked, flags)
    if moved:
        message.data = gather_from(observer, call, iov, count, moved)
    if sends or moved is not None:
        message.address = address_at(observer, call, name, name_length) if name_length else ""
        passed = _passed(observer, call, control, control_length) if control else []
        if passed:
            message.args["passed"] = passed
    if not sends and moved is not None and got & abi.MSG_TRUNC:
        message.args["cut"] = True
    return message


def _passed(observer: Observer, call: Call, control: int, length: int) -> list[int | str]:
    """The objects behind the descriptors of SCM_RIGHTS messages (unix(7)), "fd 7" for one of no
    interest; a receiver's new ones are noted."""
    raw = observer.read(call.task, control, min(length, _MOST_CONTROL)) or b""
    found: list[int | str] = []
    at, header = 0, abi.CMSGHDR.size
    while at + header <= len(raw):
        size, level, kind = abi.CMSGHDR.unpack_from(raw, at)
        if size < header:
            break
        if level == abi.SOL_SOCKET and kind == abi.SCM_RIGHTS:
            body = raw[at + header : at + size]
            for place in range(0, len(body) - 3, 4):
                fd = int.from_bytes(body[place : place + 4], "little", signed=True)
                known = observer.note_descriptor(call.task.proc, fd)
                found.append(known.object.id if known is not None else f"fd {fd}")
        at += (size + 7) & ~7
    return found


# -- events ---------------------------------------------------------------------------------------


def _arguments(message: _Message, direction: str) -> dict[str, Attribute]:
    args: dict[str, Attribute] = {direction: message.address} if message.address else {}
    args |= message.args
    if message.flags:
        args["flags"] = flag_names(message.flags, abi.MESSAGE_FLAGS)
    return args


def _sent(observer: Observer, call: Call, message: _Message) -> None:
    assert call.descriptor is not None
    observer.emit(
        call,
        "socket.send",
        object=_receiver(observer, call, message),
        bytes=message.moved,
        data=message.data,
        fd=call.signed(0),
        args=_arguments(message, "to"),
    )


def _receiver(observer: Observer, call: Call, message: _Message) -> Object:
    """Where a message goes: to the socket that is bound to its address, if we know one."""
    assert call.descriptor is not None
    found, own = call.descriptor.object, end_of(observer, call.descriptor)
    if own is None or own.type != "datagram":
        return found
    target = canonical(observer, call, own, message.address) or own.remote
    known = bound_to(observer, own, target)
    if known is None:
        return found
    if call.ok:
        own.remote = own.remote or target
        if not own.named:
            become(observer, own, known)
    return known


def _received(observer: Observer, call: Call, message: _Message) -> None:
    assert call.descriptor is not None
    found, own = call.descriptor.object, end_of(observer, call.descriptor)
    is_datagram = own is not None and own.type == "datagram"
    if own is not None and is_datagram and not own.named and message.address:
        sender = canonical(observer, call, own, message.address)
        found = bound_to(observer, own, sender) or found
    event = "socket.receive"
    if message.flags & abi.MSG_PEEK and call.ok:
        event = "socket.peek"
    elif message.moved == 0 and message.asked > 0 and not is_datagram:
        event = "socket.eof"
    observer.emit(
        call,
        event,
        object=found,
        bytes=message.moved,
        data=message.data,
        fd=call.signed(0),
        args=_arguments(message, "from"),
    )


def leave_sendto(observer: Observer, call: Call) -> None:
    _sent(observer, call, _of_buffer(observer, call))


def leave_recvfrom(observer: Observer, call: Call) -> None:
    _received(observer, call, _of_buffer(observer, call))


def leave_sendmsg(observer: Observer, call: Call) -> None:
    moved, flags = call.result if call.ok else None, call.unsigned(2)
    _sent(observer, call, _of_header(observer, call, call.args[1], moved, flags, sends=True))


def leave_recvmsg(observer: Observer, call: Call) -> None:
    moved, flags = call.result if call.ok else None, call.unsigned(2)
    _received(observer, call, _of_header(observer, call, call.args[1], moved, flags, sends=False))


def leave_many(observer: Observer, call: Call) -> None:
    """sendmmsg(2), recvmmsg(2): an event for each message that went."""
    sends = call.name == "sendmmsg"
    tell = _sent if sends else _received
    flags = call.unsigned(3)
    if not call.ok or call.result is None:
        tell(observer, call, _Message(None, 0, flags))
        return
    for index in range(min(call.result, _MOST_MESSAGES)):
        at = call.args[1] + index * abi.MMSGHDR_BYTES
        raw = observer.read(call.task, at + abi.MSGHDR.size, 4)
        moved = int.from_bytes(raw, "little") if raw is not None else None
        tell(observer, call, _of_header(observer, call, at, moved, flags, sends=sends))


ROWS: dict[str, Row] = {
    "sendto": Row(enter=enter_own, leave=leave_sendto, blocked=blocked_send, gives=True),
    "sendmsg": Row(enter=enter_own, leave=leave_sendmsg, blocked=blocked_send, gives=True),
    "sendmmsg": Row(enter=enter_own, leave=leave_many, blocked=blocked_send, gives=True),
    "recvfrom": Row(enter=enter_own, leave=leave_recvfrom, blocked=blocked_receive),
    "recvmsg": Row(enter=enter_own, leave=leave_recvmsg, blocked=blocked_receive),
    "recvmmsg": Row(enter=enter_own, leave=leave_many, blocked=blocked_receive),
}
