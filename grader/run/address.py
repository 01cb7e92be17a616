"""Owns addresses of connections between grader and programs, and how they are reached from
outside of the run's private root."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from grader.kernel.inside import open_inside
from grader.kernel.sock_diag import listening, listening_as, listening_at


class Address(msgspec.Struct, frozen=True):
    """port: TCP on 127.0.0.1; else path: of a UNIX socket inside, "@name" for an abstract one."""

    port: int | None = None
    path: str = ""

    def __str__(self) -> str:
        return f"port {self.port}" if self.port is not None else self.path


def parse_address(text: int | str) -> Address:
    """An address as steps write it. ValueError: it is neither a port nor unix:PATH."""
    if isinstance(text, str) and text.startswith("unix:"):
        return Address(path=text.removeprefix("unix:"))
    return Address(port=int(text))


@contextmanager
def target(address: Address, init_pid: int) -> Iterator[str | tuple[str, int]]:
    """What connect(2) is given. A path inside is reached by descriptor, as ours is another root
    and no link of the student's may lead us astray. OSError: there is no such path."""
    if address.port is not None:
        yield ("127.0.0.1", address.port)
    elif address.path.startswith("@"):
        yield f"\0{address.path[1:]}"
    else:
        descriptor = open_inside(init_pid, address.path)
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)


def is_served(address: Address, init_pid: int) -> bool:
    """Whether a socket listens at an address."""
    if address.port is not None:
        return listening(address.port)
    if address.path.startswith("@"):
        return listening_as(os.fsencode(address.path[1:]))
    try:
        descriptor = open_inside(init_pid, address.path)
    except OSError:  # no such path yet
        return False
    try:
        return listening_at(os.fstat(descriptor).st_ino)
    finally:
        os.close(descriptor)


def listen(address: Address, init_pid: int) -> socket.socket:
    """A non-blocking listening socket for a server that the grader plays. OSError."""
    tcp = address.port is not None
    listener = socket.socket(
        socket.AF_INET if tcp else socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK
    )
    if tcp:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", address.port))
    elif address.path.startswith("@"):
        listener.bind(f"\0{address.path[1:]}")
    else:
        folder, slash, name = address.path.rpartition("/")
        with target(Address(path=folder or slash or "."), init_pid) as inner, _for_everyone():
            listener.bind(f"{inner}/{name}")
    listener.listen(128)
    return listener


@contextmanager
def _for_everyone() -> Iterator[None]:
    """Whoever gets to the folder may connect to a socket that is made here: the program may run as
    another user than we do, and a change of mode afterwards could meet a link of the student's."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)
