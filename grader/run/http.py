"""Owns the step `request`: HTTP/1.1 as a client writes it, and what a response says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from grader.course.peer_steps import Request, Response
from grader.course.step_base import StepBase
from grader.run.address import Address
from grader.run.connection import Connection
from grader.run.crowd import Crowd
from grader.run.runner import Runner
from grader.trace.model import Attribute, Observation
from grader.trace.text import escape

if TYPE_CHECKING:
    from grader.run.supervisor import Supervisor

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_MOST_HEADERS = 100


class Parsed(msgspec.Struct, frozen=True):
    """A response as far as it came. status None: it is no HTTP. headers: names in lower case.
    complete: as many bytes of body as its Content-Length says, or no such header."""

    status: int | None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""
    complete: bool = False


def request_bytes(step: Request) -> bytes:
    """What goes over the wire; the path is sent as it is."""
    if step.raw is not None:
        return step.raw.encode()
    body = step.body.encode() if step.body is not None else None
    headers: dict[str, int | str] = {"Host": f"127.0.0.1:{step.port}", "Connection": "close"}
    if body is not None:
        headers["Content-Length"] = len(body)
    headers |= step.headers
    lines = [f"{step.method} {step.request} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


def parse(received: bytes, *, has_body: bool = True) -> Parsed:
    """What a server sent until it closed. has_body False: the answer to HEAD."""
    start = _STATUS.match(received)
    end = _END_OF_HEAD.search(received, start.end() - 2) if start else None
    if start is None or end is None:
        return Parsed(None)
    headers: dict[str, str] = {}
    for line in received[start.end() : end.start()].splitlines()[:_MOST_HEADERS]:
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    body = received[end.end() :]
    length = headers.get("content-length")
    complete = not has_body or length is None or (length.isdecimal() and len(body) == int(length))
    return Parsed(int(start[1]), headers, body, complete)


def mismatch(response: Parsed, expected: Response) -> str | None:
    """How the response differs from what a step expects, or None."""
    if response.status is None:
        return "the answer is no HTTP response"
    if expected.status is not None and response.status != int(expected.status):
        return f"the status is {response.status}, and {expected.status} was expected"
    for name, value in expected.headers.items():
        seen = response.headers.get(name.lower())
        if seen is None or str(value) not in (seen, seen.partition(";")[0].rstrip()):
            return f"the header {name} is {seen or 'missing'}, and {value} was expected"
    if expected.body is not None and response.body != expected.body.encode():
        return f"the body is other than expected ({len(response.body)} bytes)"
    if not response.complete:
        return f"the body has {len(response.body)} bytes, its Content-Length says something else"
    return None


class _Request(Crowd):
    """The same request by one or many clients at once, each to the end of its connection."""

    step: Request

    def begin(self) -> None:
        self.group = self.step.name
        self.wrong: str | None = None
        count = int(self.step.clients)
        names = [f"{self.group}.{n}" for n in range(1, count + 1)] if count > 1 else [self.group]
        self.gather(names, Address(port=int(self.step.port)))

    def speak(self, connection: Connection) -> None:
        connection.say(request_bytes(self.step))

    def done(self, *, quiet: bool) -> bool:  # noqa: ARG002
        if not self.all_in():
            self.waiting_for = self.door()
            return False
        late = [connection for connection in self.connections if connection.ended is None]
        if late:
            came = len(late[0].received)
            self.waiting_for = (
                f"the answer to {late[0].name} and the end of its connection ({came} bytes came)"
            )
            return False
        if self.step.expect is not None:
            for connection in self.connections:
                why = mismatch(self._parsed(connection), self.step.expect)
                self.wrong = self.wrong or (f"{connection.name}: {why}" if why else None)
        return self.wrong is None

    def _parsed(self, connection: Connection) -> Parsed:
        return parse(bytes(connection.received), has_body=self.step.method != "HEAD")

    def hopeless(self) -> str | None:
        return self.wrong or super().hopeless()

    def observed(self) -> list[Observation]:
        return [self._observed(connection) for connection in self.connections]

    def _observed(self, connection: Connection) -> Observation:
        response = self._parsed(connection)
        state: dict[str, Attribute] = dict(response.headers)
        state |= {
            "status": response.status,
            "size": len(response.body),
            "complete": response.complete,
            "end": connection.ended or "open",
        }
        return Observation(name=connection.name, data=escape(response.body), state=state)


HTTP_RUNNERS: dict[type[StepBase], Callable[[Supervisor, Any], Runner]] = {Request: _Request}
"""How requests are played."""
