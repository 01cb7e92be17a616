"""Owns socket addresses: struct sockaddr as text, and which addresses a socket has by the
kernel's own tables (proc_pid_net(5), sock_diag(7))."""

from __future__ import annotations

import ipaddress
import socket
import struct
from dataclasses import dataclass

_SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, _NLMSG_ERROR = 20, 1, 2
_UDIAG_SHOW_PEER, _UNIX_DIAG_PEER = 4, 2
_NETLINK_SOCK_DIAG = 4


@dataclass(frozen=True, slots=True)
class Ends:
    """protocol: "tcp" or "udp"; local, remote: "127.0.0.1:8080"."""

    protocol: str
    local: str
    remote: str


def parse(raw: bytes) -> str:
    """A struct sockaddr as people write it: "127.0.0.1:8080", "[::1]:80", "/path", "@name"."""
    if len(raw) < 2:
        return ""
    (family,) = struct.unpack_from("=H", raw)
    if family == socket.AF_INET and len(raw) >= 8:
        (port,) = struct.unpack_from(">H", raw, 2)
        return f"{ipaddress.IPv4Address(raw[4:8])}:{port}"
    if family == socket.AF_INET6 and len(raw) >= 24:
        (port,) = struct.unpack_from(">H", raw, 2)
        return f"[{ipaddress.IPv6Address(raw[8:24])}]:{port}"
    if family == socket.AF_UNIX:
        path = raw[2:]
        if path[:1] == b"\0" and len(path) > 1:
            return "@" + path[1:].decode("utf-8", "backslashreplace")
        return path.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return f"family {family}"


def internet_ends(pid: int, inode: int) -> Ends | None:
    """The addresses of a TCP or UDP socket, found by its inode; None if it is neither."""
    wanted = str(inode)
    for table in ("tcp", "tcp6", "udp", "udp6"):
        try:
            with open(f"/proc/{pid}/net/{table}") as lines:
                for line in lines:
                    fields = line.split()
                    if len(fields) > 9 and fields[9] == wanted:
                        return Ends(table[:3], _address(fields[1]), _address(fields[2]))
        except OSError:
            continue  # the process is gone, or the kernel has no IPv6
    return None


def _address(text: str) -> str:
    """ "0100007F:1F90" as "127.0.0.1:8080": each 32-bit word is in the machine's byte order."""
    digits, _, port = text.partition(":")
    words = [int(digits[at : at + 8], 16) for at in range(0, len(digits), 8)]
    raw = struct.pack(f"={len(words)}I", *words)
    if len(raw) == 4:
        return f"{ipaddress.IPv4Address(raw)}:{int(port, 16)}"
    found = ipaddress.IPv6Address(raw)
    mapped = found.ipv4_mapped
    return f"{mapped}:{int(port, 16)}" if mapped else f"[{found}]:{int(port, 16)}"


def unix_peer(inode: int) -> int | None:
    """The inode of the other end of a connected UNIX socket in our network namespace."""
    request = struct.pack(
        "=BBHIIIII",
        socket.AF_UNIX,
        0,
        0,
        0xFFFFFFFF,
        inode,
        _UDIAG_SHOW_PEER,
        0xFFFFFFFF,
        0xFFFFFFFF,
    )
    header = struct.pack("=IHHII", 16 + len(request), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
            netlink.send(header + request)
            answer = netlink.recv(8192)
    except OSError:
        return None  # a kernel without unix_diag
    if len(answer) < 32 or struct.unpack_from("=H", answer, 4)[0] == _NLMSG_ERROR:
        return None
    at = 16 + 16  # the header, struct unix_diag_msg
    while at + 4 <= len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == _UNIX_DIAG_PEER and length >= 8:
            return int(struct.unpack_from("=I", answer, at + 4)[0])
        at += max(4, (length + 3) & ~3)
    return None
