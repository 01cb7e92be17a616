"""Owns the steps in which the grader is at the other end of a connection: client, server, browser.

Addresses: a TCP port on 127.0.0.1, `unix:PATH` (from the work folder), or `unix:@NAME` (abstract).
Nothing waits for a time: a step ends when what it expects is there, or when it never can be.
"""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from typing import Literal

import msgspec

from grader.course.conditions import Closed
from grader.course.step_base import StepBase


class Talk(StepBase, frozen=True, kw_only=True):
    """What one or several clients do. Without `connect` they are peers of an earlier step.

    The keys happen in this order: connect, send, half_close, expect, closed, then. A step without
    expect, closed and then is done once it is connected; what it sends goes on meanwhile, and the
    connection stays open to the end of the scenario.
    """

    connect: int | str | None = None
    """A TCP port, `unix:PATH` or `unix:@NAME`. Nobody listening there is a step not reached."""
    send: str | None = None
    """This text, without a newline of its own."""
    chunk: int | None = None
    """Send so many bytes at a time, the next ones only when the program has read the last."""
    hex: bool = False
    """`send` and `expect` are bytes in hexadecimal, such as a value `{hex: 2000}` makes."""
    slow: bool = False
    """With `connect`: it has little room and reads nothing until a later step of this peer."""
    half_close: bool = False
    """Shut the sending side down once all has been sent; the program reads end of file."""
    expect: str | None = None
    """The program's next bytes are exactly these; after a half-close it then ends the connection
    too, and sends nothing else."""
    closed: bool | None = None
    """True: the program ends the connection (end of file). False: it need not, though we have
    half-closed. By default true with `expect` after a half-close."""
    then: Literal["close", "reset"] | None = None
    """Once all has been sent and met: close it, or break it off (RST)."""

    @property
    def fault(self) -> str | None:
        if self.chunk is not None and self.chunk < 1:
            return "`chunk` is a number of bytes, at least 1"
        if self.slow and (self.connect is None or self.expect is not None or self.closed):
            return "`slow` is for a step that connects; what is expected, a later step says"
        return None


class Peer(Talk, frozen=True, kw_only=True, tag_field="step", tag="peer"):
    """The grader as one client, by name; or an earlier peer of that name goes on.

    The name may be that of a `serve` step too: then its clients are meant.
    """

    peer: str

    @property
    def opens(self) -> list[str]:
        return [self.peer] if self.connect is not None else []

    @property
    def uses(self) -> list[str]:
        return [] if self.connect is not None else [self.peer]

    @property
    def records(self) -> list[str]:
        return [self.peer]


class Peers(Talk, frozen=True, kw_only=True, tag_field="step", tag="peers"):
    """The grader as so many clients at the same time: `guest.1`, `guest.2`, …

    Each knocks when the one before has been let in, all are connected before the first one
    sends, as far as the program lets them in without.
    """

    peers: int | str
    as_: str = msgspec.field(name="as")

    @property
    def opens(self) -> list[str]:
        return [self.as_]

    @property
    def records(self) -> list[str]:
        return [self.as_]

    @property
    def fault(self) -> str | None:
        if self.connect is None:
            return "`peers` needs `connect`, the address that they connect to"
        return super().fault


class Serve(StepBase, frozen=True, kw_only=True, tag_field="step", tag="serve"):
    """The grader as the server of the student's client; done at once, it serves to the end.

    reply: echo (what comes goes back, bounded like a real one: who does not read is not read
    from), at_end (all of it, after the client's end of file), silent, close (at once), or reset
    (break off when the first bytes come). Each closes its side after the client's end of file.
    """

    serve: int | str
    """A TCP port on 127.0.0.1, `unix:PATH` or `unix:@NAME`."""
    as_: str = msgspec.field(name="as")
    reply: Literal["echo", "at_end", "silent", "close", "reset"] = "echo"
    send: str | None = None
    """What each client is sent first."""

    @property
    def opens(self) -> list[str]:
        return [self.as_]

    @property
    def records(self) -> list[str]:
        return [self.as_]


class Response(Closed, frozen=True, kw_only=True):
    """What a response must be. headers: names in any case; `text/html` is met by
    `text/html; charset=utf-8` too."""

    status: int | str | None = None
    body: str | None = None
    headers: dict[str, int | str] = {}


class Request(StepBase, frozen=True, kw_only=True, tag_field="step", tag="request"):
    """The grader as an HTTP client: one request, or `clients` of them at the same time.

    Done when the server has answered and closed each connection. What came is put down under
    `as`: the body as data; status, size, complete and the headers (lower case) as state.
    """

    request: str
    """The path as it is sent, nothing normalised: `/../etc/passwd`."""
    port: int | str
    as_: str | None = msgspec.field(default=None, name="as")
    method: str = "GET"
    headers: dict[str, int | str] = {}
    body: str | None = None
    raw: str | None = None
    """Send exactly this text instead of a request."""
    clients: int | str = 1
    expect: Response | None = None

    @property
    def name(self) -> str:
        return self.as_ or self.request

    @property
    def records(self) -> list[str]:
        return [self.name]
