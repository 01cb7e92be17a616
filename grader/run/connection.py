"""Owns one connection of the grader with a program: a non-blocking socket and what is to be said
on it. It is moved along when the waiter finds it ready, and never waits."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
from typing import Literal

from grader.kernel import sock_diag
from grader.kernel.waiting import Waiter
from grader.run.address import Address, target

MOST_BYTES = 4 << 20
"""So much is taken from one connection; a program that sends more is not read from any longer."""
_SIOCOUTQ = 0x5411
"""asm-generic/ioctls.h: bytes that have not arrived (TCP), or have not been read (UNIX)."""
_ECHO_ROOM = 1 << 16
"""An echo server that holds so many bytes back stops to read, like one with a bounded buffer."""
_LITTLE_ROOM = 4096
"""What a slow client lets the kernel keep for it; the kernel makes twice that of it, socket(7)."""
_SMALL_SEGMENT = 1000
"""Of a slow client: the server's own buffer is some twenty segments, on loopback of 64 KiB each."""
_ABORT = struct.pack("=ii", 1, 0)
"""struct linger with no time: close sends RST."""


class Connection:
    """One client, or one connection of a server that the grader plays.

    received: all bytes that came. expected: how many of them earlier steps have met. ended: how
    the program ended its side ("eof", "reset"), None while it has not. half_closes: we end ours
    once all has been sent. failure: why it could not
    be connected, or may not be read from any longer. reply: as in the step `serve`. slow: has
    little room and reads nothing before `hear`.
    """

    def __init__(self, name: str, waiter: Waiter, *, reply: str = "", slow: bool = False) -> None:
        self.name = name
        self.reply = reply
        self.address = Address()
        self.received = bytearray()
        self.expected = 0
        self.connected = False
        self.half_closes = False
        self.ended: Literal["eof", "reset"] | None = None
        self.failure: str | None = None
        self.close_when_sent = False
        self._slow = slow
        self._chunk: int | None = None
        self._unsent = bytearray()
        self._half_closed = False
        self._waiter = waiter
        self._socket: socket.socket | None = None
        self._watched = 0

    # -- beginning and end ---------------------------------------------------------------------

    def connect(self, address: Address, init_pid: int) -> int:
        """Begin to connect; the descriptor to watch for. `failure` says if nobody listens."""
        self.address = address
        family = socket.AF_INET if address.port is not None else socket.AF_UNIX
        self._socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if self._slow:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE_ROOM)
            if family == socket.AF_INET:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
        self.try_to_connect(init_pid)
        return self._socket.fileno()

    def try_to_connect(self, init_pid: int) -> None:
        """Once more, where a full backlog (UNIX) made the first try fail."""
        if self._socket is None or self.connected or self.failure or self._watched:
            return
        try:
            with target(self.address, init_pid) as place:
                number = self._socket.connect_ex(place)
        except OSError as error:  # no such path inside
            number = error.errno or errno.ENOENT
        if number in (0, errno.EINPROGRESS):
            self.connected = number == 0
            self._watch()
        elif number != errno.EAGAIN:
            self._refused(number)

    def accepted(self, connection: socket.socket) -> int:
        """Take over a connection that a program made to us; the descriptor to watch for."""
        connection.setblocking(False)
        self._socket = connection
        self.connected = True
        self._watch()
        return connection.fileno()

    def close(self, *, reset: bool = False) -> None:
        """Close it, or break it off."""
        if self._socket is None:
            return
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self._unwatch()
        self._socket.close()
        self._socket = None

    @property
    def open(self) -> bool:
        """Whether it is open on our side."""
        return self._socket is not None

    @property
    def in_line(self) -> int:
        """How many bytes are still to be sent."""
        return len(self._unsent)

    # -- talking -------------------------------------------------------------------------------

    def say(self, data: bytes, *, chunk: int | None = None, half_close: bool = False) -> None:
        """Send this as soon as there is room, then perhaps shut the sending side down."""
        self._unsent += data
        self._chunk = chunk
        self.half_closes = self.half_closes or half_close
        if self.connected:
            self._send()

    def hear(self) -> None:
        """Read from now on, if it did not until now."""
        if not self._slow:
            return
        self._slow = False
        if self._socket is not None and self.connected:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ECHO_ROOM)
            self._receive()

    def ready(self) -> None:
        """The waiter found something to do."""
        if self._socket is None:
            return
        if not self.connected and not self._has_connected():
            return
        self._receive()
        self._send()

    def quiet_move(self, init_pid: int) -> bool:
        """Nothing else moves: connect again, or send the next chunk if the last one has been
        read. True if that was something to do."""
        if self._socket is None or self.failure:
            return False
        if not self.connected:
            self.try_to_connect(init_pid)
            return self.connected or self.failure is not None
        if self._chunk is None or not self._unsent or not self._all_read():
            return False
        self._send_chunk()
        return True

    def _has_connected(self) -> bool:
        assert self._socket is not None
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._refused(number)
            return False
        try:
            self._socket.getpeername()
        except OSError:
            return False
        self.connected = True
        return True

    def _refused(self, number: int) -> None:
        self._unwatch()
        where = f"on {self.address}" if self.address.port is not None else f"at {self.address}"
        gone = number in (errno.ECONNREFUSED, errno.ENOENT)
        self.failure = (
            f"nobody listens {where}"
            if gone
            else f"{self.name} can't connect to {self.address}: {os.strerror(number)}"
        )

    def _receive(self) -> None:
        while self._socket is not None and self.ended is None and not self._holds_back():
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                self.ended = "reset"
                self._unsent.clear()
                break
            if not data:
                self.ended = "eof"
                break
            self._received(data)
        self._at_end()

    def _received(self, data: bytes) -> None:
        self.received += data
        if len(self.received) > MOST_BYTES:
            self.failure = f"{self.name} was sent more than {MOST_BYTES >> 20} MiB"
            self.close()
        elif self.reply == "echo":
            self._unsent += data
            self._send()
        elif self.reply == "reset":
            self.close(reset=True)

    def _at_end(self) -> None:
        """The program has ended its side."""
        if self.ended is not None and self.reply:
            if self.reply == "at_end" and self.ended == "eof":
                self._unsent += self.received
            self.close_when_sent = True
            self.reply = ""
        self._watch()

    def _holds_back(self) -> bool:
        return self._slow or (self.reply == "echo" and len(self._unsent) >= _ECHO_ROOM)

    def _send(self) -> None:
        if self._chunk is None:
            while self._socket is not None and self._unsent:
                if not self._pass(min(len(self._unsent), 1 << 16)):
                    break
        if not self._unsent:
            self._all_sent()
        self._watch()

    def _send_chunk(self) -> None:
        self._pass(min(self._chunk or 1, len(self._unsent)))
        if not self._unsent:
            self._all_sent()

    def _pass(self, size: int) -> bool:
        """Give the kernel so many bytes; False if it has no room."""
        assert self._socket is not None
        try:
            sent = self._socket.send(self._unsent[:size])
        except BlockingIOError:
            return False
        except OSError:  # the program has closed or reset: what it sent before is still to be read
            self._unsent.clear()
            return False
        del self._unsent[:sent]
        return True

    def _all_sent(self) -> None:
        if self._socket is None:
            return
        if self.half_closes and not self._half_closed:
            self._half_closed = True
            try:
                self._socket.shutdown(socket.SHUT_WR)
            except OSError:  # the program was quicker: it has reset the connection
                return
        if self.close_when_sent:
            self.close()

    def _all_read(self) -> bool:
        """Whether the program has read all that was sent so far."""
        assert self._socket is not None
        raw = fcntl.ioctl(self._socket, _SIOCOUTQ, b"\0\0\0\0")
        if int.from_bytes(raw, "little"):
            return False
        port = self.address.port
        return port is None or not sock_diag.unread(port, self._socket.getsockname()[1])

    # -- readiness -----------------------------------------------------------------------------

    def _watch(self) -> None:
        """Ask the waiter for what can still happen; an ended side would always be ready."""
        if self._socket is None:
            return
        wanted = 0
        if not self.connected:
            wanted = select.EPOLLOUT
        else:
            if self.ended is None and not self._holds_back():
                wanted = select.EPOLLIN
            if self._unsent and self._chunk is None:
                wanted |= select.EPOLLOUT
        if wanted == self._watched:
            return
        descriptor = self._socket.fileno()
        if not wanted:
            self._unwatch()
        elif self._watched:
            self._waiter.rewatch(descriptor, wanted)
        else:
            self._waiter.watch(descriptor, wanted)
        self._watched = wanted

    def _unwatch(self) -> None:
        if self._watched and self._socket is not None:
            self._waiter.forget(self._socket.fileno())
        self._watched = 0
