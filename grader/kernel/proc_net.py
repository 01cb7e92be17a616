"""Owns the questions to /proc/PID/net: the sockets of a tracee's network namespace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_LISTEN = 0x0A
"""TCP_LISTEN, include/net/tcp_states.h"""
_RETRANSMISSION = 1
"""The timer (net/ipv4/tcp_ipv4.c) that runs while something sent has not been acknowledged. The
other one that concerns data, 4, runs while the receiver has no room: only its reading helps."""


@dataclass(frozen=True, slots=True)
class TcpSocket:
    """One line of the table. unread: bytes that its process has not read; of a listening socket
    the connections that it has not accepted. Orphans of closed descriptors are in it too."""

    port: int
    remote_port: int
    state: int
    unacknowledged: int
    unread: int
    timer: int


def tcp_sockets(pid: int | str = "self") -> Iterator[TcpSocket]:
    """All TCP sockets in the network namespace of a process."""
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/{pid}/net/{table}") as lines:
                next(lines, None)
                yield from map(_parsed, lines)
        except OSError:
            continue  # the process is gone, or the kernel has no IPv6


def _parsed(line: str) -> TcpSocket:
    _number, local, remote, state, queues, timer, *_rest = line.split()
    unacknowledged, _, unread = queues.partition(":")
    return TcpSocket(
        port=int(local.rpartition(":")[2], 16),
        remote_port=int(remote.rpartition(":")[2], 16),
        state=int(state, 16),
        unacknowledged=int(unacknowledged, 16),
        unread=int(unread, 16),
        timer=int(timer.partition(":")[0], 16),
    )


def listening(pid: int, port: int) -> bool:
    """Whether a TCP socket listens on this port in the process's network namespace."""
    return any(found.state == _LISTEN and found.port == port for found in tcp_sockets(pid))


def not_accepted(port: int) -> int:
    """How many connections to this port of our own namespace wait to be accepted."""
    return sum(
        found.unread for found in tcp_sockets() if found.state == _LISTEN and found.port == port
    )


def unread(port: int, remote_port: int) -> int:
    """How many bytes the process at this end of a connection has not read yet."""
    return sum(
        found.unread
        for found in tcp_sockets()
        if found.state != _LISTEN and (found.port, found.remote_port) == (port, remote_port)
    )


def in_flight() -> bool:
    """Whether TCP will still deliver something in our own namespace though every process sleeps:
    a segment that waits for an acknowledgement, a connection that is being made."""
    return any(found.timer == _RETRANSMISSION for found in tcp_sockets())
