"""Owns the questions about sockets of our own network namespace, which is that of the run:
sock_diag(7), as the tables in /proc/net take ten times as long."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator

import msgspec

_SOCK_DIAG_BY_FAMILY = 20
"""include/uapi/linux/sock_diag.h"""
_NETLINK_SOCK_DIAG = 4
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST, _NLM_F_DUMP = 0x001, 0x300
"""include/uapi/linux/netlink.h"""
_HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""
_REQUEST = struct.Struct("=BBBxI48x")
"""struct inet_diag_req_v2: family, protocol, extensions, states; no socket in particular."""
_AT_PORT = struct.Struct("=BBBxI2s46x")
"""The same for the sockets at a port."""
_SOCKET = struct.Struct("=BBBx2s2s16s16s12x4xII")
"""struct inet_diag_msg: family, state, timer, ports, addresses, and two queues."""

_PORT_AT, _INODE_AT = 4, 68
"""Offsets in it."""

_UNIX_REQUEST = struct.Struct("=BxxxIII8x")
"""struct unix_diag_req: family, states, inode, what to show; no cookie."""
_UNIX_SOCKET_SIZE, _INET_SOCKET_SIZE = 16, 72
"""sizeof(struct unix_diag_msg), sizeof(struct inet_diag_msg)."""
_UNIX_SHOW_NAME, _UNIX_NAME, _UNIX_SHOW_VFS, _UNIX_VFS = 0x01, 0, 0x02, 1
"""UDIAG_SHOW_NAME, UNIX_DIAG_NAME, UDIAG_SHOW_VFS, UNIX_DIAG_VFS: a socket's name, and the number
of the inode that lies at its path."""
_UNIX_SHOW_MEMORY, _UNIX_MEMORY, _INET_MEMORY = 0x20, 5, 7
"""UDIAG_SHOW_MEMINFO, UNIX_DIAG_MEMINFO, INET_DIAG_SKMEMINFO."""
_MEMORY = struct.Struct("=I4xI8xI")
"""SK_MEMINFO_RMEM_ALLOC, …WMEM_ALLOC, …WMEM_QUEUED of its array."""
_ATTRIBUTE = struct.Struct("=HH")
_ALL_STATES = 0xFFFFFFFF

_LISTEN, _TIME_WAIT, _CLOSE = 10, 6, 7
"""include/net/tcp_states.h"""
_MOVING = 0xFFE & ~(1 << _LISTEN | 1 << _TIME_WAIT | 1 << _CLOSE)
_RETRANSMISSION = 1
"""idiag_timer while something sent has not been acknowledged."""
_LOOPBACK = (b"\x7f", bytes(10) + b"\xff\xff\x7f", bytes(15) + b"\x01")


class TcpSocket(msgspec.Struct, frozen=True):
    """unread: bytes that its process has not read; of a listening socket the connections that it
    has not accepted. unsent: bytes that the other end has not acknowledged, sent or not. Sockets
    whose descriptors are closed are there until TCP is through."""

    port: int
    remote_port: int
    timer: int
    unread: int
    unsent: int
    local: bool
    """Whether the other end is on this machine."""


def _sockets(states: int) -> Iterator[TcpSocket]:
    """All sockets in one of these states (a bit each)."""
    for family, table in ((socket.AF_INET, "sockstat"), (socket.AF_INET6, "sockstat6")):
        if _in_use(table):
            yield from _dump(family, states)


def _in_use(table: str) -> bool:
    """Whether there is any TCP socket of a family: most programs have none, and pay nothing."""
    try:
        with open(f"/proc/self/net/{table}") as lines:
            counts = next((line for line in lines if line.startswith("TCP")), "")
    except FileNotFoundError:  # a kernel without IPv6
        return False
    return " inuse 0 orphan 0 " not in counts and not counts.endswith(" inuse 0\n")


def _dump(family: int, states: int) -> Iterator[TcpSocket]:
    for answer in _answers(_REQUEST.pack(family, socket.IPPROTO_TCP, 0, states)):
        yield _parsed(answer)


def buffered() -> int:
    """Bytes of memory that the sockets of this namespace hold for data under way."""
    show = 1 << (_INET_MEMORY - 1)
    return sum(
        _memory(answer, size, kind)
        for request, size, kind in (
            (
                _UNIX_REQUEST.pack(socket.AF_UNIX, _ALL_STATES, 0, _UNIX_SHOW_MEMORY),
                _UNIX_SOCKET_SIZE,
                _UNIX_MEMORY,
            ),
            *(
                (
                    _REQUEST.pack(family, protocol, show, _ALL_STATES),
                    _INET_SOCKET_SIZE,
                    _INET_MEMORY,
                )
                for family in (socket.AF_INET, socket.AF_INET6)
                for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP)
            ),
        )
        for answer in _answers(request)
    )


def sockets() -> int:
    """How many sockets there are in this namespace."""
    with open("/proc/self/net/sockstat") as lines:
        return int(lines.readline().split()[-1])


def _memory(answer: bytes, at: int, wanted: int) -> int:
    """Of one answer, whose attributes begin there."""
    found = _attribute(answer, at, wanted)
    if found is None:
        return 0
    received, sent, queued = _MEMORY.unpack_from(found)
    return int(received) + max(int(sent), int(queued))


def _attribute(answer: bytes, at: int, wanted: int) -> bytes | None:
    """One of the attributes (netlink(7)) of an answer, which begin there; None if it has none."""
    while at + _ATTRIBUTE.size <= len(answer):
        length, kind = _ATTRIBUTE.unpack_from(answer, at)
        if kind == wanted:
            return answer[at + _ATTRIBUTE.size : at + length]
        at += max(_ATTRIBUTE.size, (length + 3) & ~3)
    return None


def _answers(request: bytes) -> Iterator[bytes]:
    """What the kernel says of each socket. A family that this kernel does not have has none."""
    flags = _NLM_F_REQUEST | _NLM_F_DUMP
    header = _HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, flags, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as link:
        link.sendall(header + request)
        while True:
            answer = link.recv(1 << 16)
            at = 0
            while at < len(answer):
                length, kind, *_rest = _HEADER.unpack_from(answer, at)
                if kind == _NLMSG_DONE:
                    return
                if kind == _NLMSG_ERROR:
                    (number,) = struct.unpack_from("=i", answer, at + _HEADER.size)
                    if -number in (errno.ENOENT, errno.EINVAL, errno.EAFNOSUPPORT):
                        return
                    raise OSError(-number, f"sock_diag: {os.strerror(-number)}")
                yield answer[at + _HEADER.size : at + length]
                at += (length + 3) & ~3


def _parsed(answer: bytes) -> TcpSocket:
    _family, _state, timer, port, remote_port, _source, target, unread, unsent = (
        _SOCKET.unpack_from(answer)
    )
    return TcpSocket(
        port=int.from_bytes(port, "big"),
        remote_port=int.from_bytes(remote_port, "big"),
        timer=timer,
        unread=unread,
        unsent=unsent,
        local=target.startswith(_LOOPBACK),
    )


def listening(port: int) -> bool:
    """Whether a socket listens on this port."""
    return any(found.port == port for found in _sockets(1 << _LISTEN))


def listening_as(name: bytes) -> bool:
    """Whether a UNIX socket listens under this abstract name (without its NUL)."""
    return b"\0" + name in _listening_unix(_UNIX_SHOW_NAME, _UNIX_NAME)


def listening_at(inode: int) -> bool:
    """Whether the UNIX socket with this inode in a file system listens."""
    shown = (inode & 0xFFFFFFFF).to_bytes(4, sys.byteorder)
    return any(found[:4] == shown for found in _listening_unix(_UNIX_SHOW_VFS, _UNIX_VFS))


def _listening_unix(show: int, wanted: int) -> Iterator[bytes]:
    """An attribute of each UNIX socket that listens and has it."""
    request = _UNIX_REQUEST.pack(socket.AF_UNIX, 1 << _LISTEN, 0, show)
    for answer in _answers(request):
        if (found := _attribute(answer, _UNIX_SOCKET_SIZE, wanted)) is not None:
            yield found


def not_accepted(port: int) -> int:
    """How many connections to this port wait to be accepted."""
    return sum(found.unread for found in _sockets(1 << _LISTEN) if found.port == port)


def unread(port: int, remote_port: int) -> int:
    """How many bytes the process at this end of a connection has not read yet."""
    return sum(
        found.unread
        for found in _sockets(_MOVING)
        if (found.port, found.remote_port) == (port, remote_port)
    )


def datagram_sockets(port: int) -> list[int]:
    """The inodes of the UDP sockets that are bound to this port."""
    found = []
    for family in (socket.AF_INET, socket.AF_INET6):
        at = port.to_bytes(2, "big")
        request = _AT_PORT.pack(family, socket.IPPROTO_UDP, 0, _ALL_STATES, at)
        for answer in _answers(request):
            if answer[_PORT_AT : _PORT_AT + 2] == at:
                found.append(struct.unpack_from("=I", answer, _INODE_AT)[0])
    return found


def in_flight() -> bool:
    """Whether TCP will still deliver something though every process sleeps: a segment that waits
    for an acknowledgement, a connection that is being made, bytes that the kernel holds back for a
    while (TCP_CORK, MSG_MORE, a tiny window) though their receiver has read all before them. What
    waits behind bytes that are unread is not under way: only their reader helps."""
    sockets = [found for found in _sockets(_MOVING) if found.local]
    read = {(found.remote_port, found.port) for found in sockets if not found.unread}
    return any(
        found.timer == _RETRANSMISSION or (found.unsent and (found.port, found.remote_port) in read)
        for found in sockets
    )
