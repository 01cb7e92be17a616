"""Socket addresses as people write them, and what the kernel says of a socket."""

from __future__ import annotations

import os
import socket
import struct

import pytest

from grader.kernel import addresses, libc
from grader.kernel.addresses import Names

_LOOPBACK = bytes((127, 0, 0, 1))
_MAPPED = bytes(10) + b"\xff\xff" + _LOOPBACK


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (struct.pack("=H", 2) + b"\x1f\x90" + _LOOPBACK + bytes(8), "127.0.0.1:8080"),
        (struct.pack("=H", 10) + b"\x00\x50" + bytes(4) + bytes(15) + b"\x01", "[::1]:80"),
        (struct.pack("=H", 10) + b"\x00\x50" + bytes(4) + _MAPPED, "127.0.0.1:80"),
        (struct.pack("=H", 1) + b"/tmp/gate\0rest", "/tmp/gate"),
        (struct.pack("=H", 1) + b"\0gate", "@gate"),
        (struct.pack("=H", 1) + b"\0a\0b" + bytes(90), "@a@b"),
        (struct.pack("=H", 1), ""),
        (struct.pack("=H", 0), ""),
        (struct.pack("=H", 99) + bytes(14), "family 99"),
        (struct.pack("=H", 2) + b"\x1f", "family 2"),
        (b"\x02", ""),
    ],
)
def test_a_sockaddr_is_read_as_people_write_it(raw: bytes, text: str) -> None:
    assert addresses.parse(raw) == text


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1:80", True),
        ("[::1]:80", True),
        ("192.0.2.7:80", False),
        ("[2001:db8::1]:80", False),
        ("gate", True),
        ("@gate:80", True),
        ("", True),
    ],
)
def test_only_internet_addresses_may_be_of_another_machine(address: str, local: bool) -> None:
    assert addresses.is_local(address) is local


@pytest.mark.parametrize("asked", [True, False], ids=["by itself", "from the tables"])
def test_a_connection_has_two_addresses(asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not asked:
        monkeypatch.setattr(libc, "pidfd_getfd", lambda _pid, _fd: -1)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        there = f"127.0.0.1:{server.getsockname()[1]}"
        here = f"127.0.0.1:{client.getsockname()[1]}"
        inode = os.fstat(client.fileno()).st_ino
        assert addresses.names(os.getpid(), client.fileno(), inode) == Names(here, there)


def test_the_kernel_knows_the_other_end_of_a_unix_connection() -> None:
    first, second = socket.socketpair()
    with first, second:
        inodes = [os.fstat(end.fileno()).st_ino for end in (first, second)]
        assert [addresses.unix_peer(inode) for inode in inodes] == inodes[::-1]
    assert addresses.unix_peer(inodes[0]) is None
