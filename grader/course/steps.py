"""Owns the steps of a scenario: a closed set, told apart in YAML by their first key."""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from typing import Literal, TypeAlias

import msgspec

from grader.course.conditions import Closed, EventName, Pattern
from grader.course.object_steps import Queue, Read, Segment, Semaphores
from grader.course.peer_steps import Peer, Peers, Request, Serve
from grader.course.step_base import Names, StepBase, listed, only_one


class Start(StepBase, frozen=True, kw_only=True, tag_field="step", tag="start"):
    """Start a program as an actor.

    stdin: its whole input. None: open while later steps send to it or close it, else empty.
    """

    start: str
    as_: str | None = msgspec.field(default=None, name="as")
    args: list[str] = []
    stdin: str | None = None
    files: dict[str, str] = {}
    """Files made in the work folder before the start: name to content."""
    links: dict[str, str] = {}
    """Symbolic links made there too: name to where it points, as it is."""

    @property
    def actor(self) -> str:
        return self.as_ or self.start

    @property
    def introduces(self) -> list[str]:
        return [self.actor]


class Finish(StepBase, frozen=True, kw_only=True, tag_field="step", tag="finish"):
    """Wait until these actors have exited."""

    finish: Names

    @property
    def mentions(self) -> list[str]:
        return listed(self.finish)


class Send(StepBase, frozen=True, kw_only=True, tag_field="step", tag="send"):
    """Give an actor a line (its newline is added), or text as it is, on stdin."""

    send: str
    line: str | None = None
    text: str | None = None

    @property
    def mentions(self) -> list[str]:
        return [self.send]

    @property
    def fault(self) -> str | None:
        return only_one(self, ("line", "text"))


class Close(StepBase, frozen=True, kw_only=True, tag_field="step", tag="close"):
    """End the stdin of these actors, once what was sent has gone."""

    close: Names

    @property
    def mentions(self) -> list[str]:
        return listed(self.close)


class Expect(StepBase, frozen=True, kw_only=True, tag_field="step", tag="expect"):
    """Wait until an actor prints this whole line, or text, after what was already expected."""

    expect: str
    line: str | None = None
    text: str | None = None
    stream: Literal["stdout", "stderr"] = "stdout"

    @property
    def mentions(self) -> list[str]:
        return [self.expect]

    @property
    def fault(self) -> str | None:
        return only_one(self, ("line", "text"))


class Until(Closed, frozen=True, kw_only=True):
    """What to wait for; exactly one key is set.

    event: such an event by the actor or its descendants, now or earlier. blocked: one of them
    sleeps in the call that makes this event ("msg.send"). listening: a TCP port, `unix:PATH` or
    `unix:@NAME`. lines: so many lines printed in all.
    """

    event: Pattern | None = None
    blocked: EventName | None = None
    listening: int | str | None = None
    lines: int | str | None = None

    @property
    def unix(self) -> str | None:
        """The UNIX address of `listening`, if it is one."""
        address = str(self.listening)
        return address if address.startswith("unix:") else None


class Wait(StepBase, frozen=True, kw_only=True, tag_field="step", tag="wait"):
    """Wait for a condition on an actor. idle: it and its descendants all sleep in the kernel,
    and none of them just for a moment between two looks; stopped: it is in a group-stop."""

    wait: str
    until: Literal["idle", "exit", "stopped"] | Until

    @property
    def mentions(self) -> list[str]:
        return [self.wait]

    @property
    def fault(self) -> str | None:
        if isinstance(self.until, str):
            return None
        return only_one(self.until, ("event", "blocked", "listening", "lines"))


class Signal(StepBase, frozen=True, kw_only=True, tag_field="step", tag="signal"):
    """Send a signal ("INT") to the first process of an actor, or one of its children ("a.1").

    times: so often. after: at the moment at which such an event has happened. before: at the
    moment at which the process is about to make such a call: the call is held, the signal
    delivered, the call made again; `by` and `object` may say more closely which one. A look that
    returns at once (a timeout of 0) does not count.
    like: with `after`, an actor of the same program that was started before; the moment is when
    there were as many such events as it has made by now: its last one. If so many never come, the
    moment is when all sleep.
    """

    signal: str
    to: str
    times: int = 1
    before: Pattern | None = None
    after: Pattern | None = None
    like: str | None = None

    @property
    def mentions(self) -> list[str]:
        return [self.to.partition(".")[0], *([self.like] if self.like is not None else [])]

    @property
    def fault(self) -> str | None:
        if self.like is not None and self.after is None:
            return "`like` needs `after`, the event of which the last one is meant"
        if self.before is not None and self.after is not None:
            return "`before` and `after` are two moments; a signal has one"
        return None


Step: TypeAlias = (
    Start
    | Finish
    | Send
    | Close
    | Expect
    | Wait
    | Signal
    | Peer
    | Peers
    | Serve
    | Request
    | Queue
    | Segment
    | Semaphores
    | Read
)
STEPS: dict[str, type[StepBase]] = {
    "start": Start,
    "finish": Finish,
    "send": Send,
    "close": Close,
    "expect": Expect,
    "wait": Wait,
    "signal": Signal,
    "peer": Peer,
    "peers": Peers,
    "serve": Serve,
    "request": Request,
    "queue": Queue,
    "segment": Segment,
    "semaphores": Semaphores,
    "read": Read,
}
"""The key that tells a step apart, and its type."""
