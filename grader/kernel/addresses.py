"""Owns socket addresses: struct sockaddr as text, and what the kernel says of a socket's own
address, of the one it is connected to, and of its other end."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Callable

import msgspec

from grader.kernel import abi_sockets as abi
from grader.kernel import libc

_ANY = 0xFFFFFFFF
_EVERYWHERE = ("0.0.0.0", "[::]")


class Names(msgspec.Struct, frozen=True):
    """The two addresses of a socket, as `parse` gives them; empty where it has none (yet)."""

    local: str = ""
    remote: str = ""


def parse(raw: bytes) -> str:
    """A struct sockaddr as people write it: "127.0.0.1:8080", "[::1]:80", "/path", "@name" in the
    abstract namespace; empty for none (AF_UNSPEC, an unnamed socket)."""
    if len(raw) < 2:
        return ""
    (family,) = struct.unpack_from("=H", raw)
    if family == socket.AF_INET and len(raw) >= 8:
        (port,) = struct.unpack_from(">H", raw, 2)
        return _internet(ipaddress.IPv4Address(raw[4:8]), port)
    if family == socket.AF_INET6 and len(raw) >= 24:
        (port,) = struct.unpack_from(">H", raw, 2)
        return _internet(ipaddress.IPv6Address(raw[8:24]), port)
    if family == socket.AF_UNIX:
        name = raw[2:]
        if name[:1] == b"\0":
            # some give the whole structure: the zeros behind are part of the name, but no words
            shown = name[1:].rstrip(b"\0").replace(b"\0", b"@")
            return f"@{shown.decode('utf-8', 'backslashreplace')}" if len(name) > 1 else ""
        return name.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return f"family {family}" if family != socket.AF_UNSPEC else ""


def _internet(host: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> str:
    """An IPv4 address looks the same through an IPv6 socket."""
    if isinstance(host, ipaddress.IPv6Address):
        mapped = host.ipv4_mapped
        return f"{mapped}:{port}" if mapped else f"[{host}]:{port}"
    return f"{host}:{port}"


def is_local(address: str) -> bool:
    """Whether only this machine can be at this address: a loopback one, or a UNIX socket."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return True  # a path with a colon


def wildcards(address: str) -> tuple[str, ...]:
    """An internet address, and how sockets are bound that take what comes to it too."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return (address,)
    return (address, *(f"{anywhere}:{port}" for anywhere in _EVERYWHERE))


# -- what the kernel says -------------------------------------------------------------------------


def names(pid: int, fd: int, inode: int) -> Names:
    """The addresses of the socket behind a descriptor: by itself, or where that may not be asked
    from the tables of internet sockets, which take milliseconds to read."""
    own = libc.pidfd_getfd(pid, fd)
    if own < 0:
        return _listed(pid, inode)
    with socket.socket(fileno=own) as borrowed:
        return Names(_name(borrowed.getsockname), _name(borrowed.getpeername))


def connector_pid(pid: int, fd: int) -> int | None:
    """Which process made the connection that this UNIX socket accepted (SO_PEERCRED); None where
    that may not be asked."""
    own = libc.pidfd_getfd(pid, fd)
    if own < 0:
        return None
    with socket.socket(fileno=own) as borrowed:
        raw = borrowed.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, abi.UCRED.size)
    found: int = abi.UCRED.unpack(raw)[0]
    return found or None


def _name(ask: Callable[[], object]) -> str:
    """getsockname(2) or getpeername(2), from what Python makes of it."""
    try:
        found = ask()
    except OSError:
        return ""  # not connected
    match found:
        case (str(host), int(port), *_rest):
            address = ipaddress.ip_address(host.partition("%")[0])
            return _internet(address, port) if port else ""
        case bytes():
            return parse(struct.pack("=H", socket.AF_UNIX) + found)
        case str():
            return parse(struct.pack("=H", socket.AF_UNIX) + os.fsencode(found))
    return ""


def _listed(pid: int, inode: int) -> Names:
    """proc_pid_net(5): what is connected, listens, or is a bound UDP socket."""
    wanted = str(inode)
    for table in ("tcp", "tcp6", "udp", "udp6"):
        try:
            with open(f"/proc/{pid}/net/{table}") as lines:
                for line in lines:
                    fields = line.split()
                    if len(fields) > 9 and fields[9] == wanted:
                        return Names(_in_table(fields[1]), _in_table(fields[2]))
        except OSError:
            continue  # the process is gone, or the kernel has no IPv6
    return Names()


def _in_table(text: str) -> str:
    """ "0100007F:1F90" as "127.0.0.1:8080": each 32-bit word is in the machine's byte order."""
    digits, _, port = text.partition(":")
    words = [int(digits[at : at + 8], 16) for at in range(0, len(digits), 8)]
    raw = struct.pack(f"={len(words)}I", *words)
    return _internet(ipaddress.ip_address(raw), int(port, 16)) if int(port, 16) else ""


def unix_peer(inode: int) -> int | None:
    """The inode of the other end of a connected UNIX socket in our network namespace; None also
    where it has not been accepted yet."""
    request = abi.UNIX_DIAG_REQUEST.pack(
        socket.AF_UNIX, 0, 0, _ANY, inode, abi.UDIAG_SHOW_PEER, _ANY, _ANY
    )
    size = abi.NLMSGHDR.size + len(request)
    header = abi.NLMSGHDR.pack(size, abi.SOCK_DIAG_BY_FAMILY, abi.NLM_F_REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, abi.NETLINK_SOCK_DIAG) as netlink:
            netlink.send(header + request)
            answer = netlink.recv(8192)
    except OSError:
        return None  # a kernel without unix_diag
    return _peer_in(answer)


def _peer_in(answer: bytes) -> int | None:
    """The attribute UNIX_DIAG_PEER of a netlink message."""
    if len(answer) < abi.NLMSGHDR.size:
        return None
    _size, kind, _flags, _number, _port = abi.NLMSGHDR.unpack_from(answer)
    if kind == abi.NLMSG_ERROR:
        return None
    at = abi.NLMSGHDR.size + abi.UNIX_DIAG_MSG_BYTES
    while at + 8 <= len(answer):
        length, attribute = struct.unpack_from("=HH", answer, at)
        if attribute == abi.UNIX_DIAG_PEER:
            return int(struct.unpack_from("=I", answer, at + 4)[0]) or None
        at += max(4, (length + 3) & ~3)
    return None
