"""Owns the conditions of a check: each a small table that `grader.check` decides on a Recording."""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from grader.course.events import ANY, EVENTS

EventName: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": [*EVENTS, *ANY]})]
"""One of EVENTS or ANY. The schema says so; loading tells it with the nearest name."""


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that an instructor writes: unknown keys are errors."""


class Pattern(Closed, frozen=True, kw_only=True):
    """One event to look for. `$name` as object binds to an object, the same in all patterns.

    by: a process id, `*` for any, `main.*` for any child of main, `main.**` for main and all its
    descendants (so `b.**` lets the actor b share its work out). total: the matching
    events (of that process on that object) move so many bytes in all. data: they move exactly
    this text in all. Other keys compare with Event.args. Counts and totals may be placeholders.
    """

    event: EventName
    by: str = "*"
    object: str | None = None
    total: int | str | None = None
    data: str | None = None
    errno: str | None = None
    args: dict[str, int | str | bool] = {}
    count: int | str | None = None
    """Exactly so many such events."""


class Text(Closed, frozen=True, kw_only=True):
    """What one actor printed. Exactly one of is, lines, pattern, empty is set.

    of: the actor, needed where a scenario has several.
    """

    of: str | None = None
    exactly: str | None = None
    lines: list[str] | None = None
    any_order: list[str] | None = None
    pattern: str | None = None
    empty: bool | None = None


class Closing(Closed, frozen=True, kw_only=True):
    """A process must itself close its end of the object (not leave it to its exit)."""

    by: str
    object: str
    end: Literal["read", "write"]


Status: TypeAlias = Annotated[int, Meta(ge=0, le=255)]
"""An exit status: of what a process says the kernel keeps one byte."""


class Exit(Closed, frozen=True, kw_only=True):
    """How an actor ended: a status, a signal name, or any failure ("nonzero")."""

    of: str | None = None
    status: Status | None = None
    signal: str | None = None
    nonzero: bool | None = None


class Reaped(Closed, frozen=True, kw_only=True):
    """Children of `by` were waited for by it. count: exactly so many children (None: at least one).
    if_any: none at all will do, too."""

    by: str = "main"
    count: int | str | None = None
    if_any: bool = False


class Noted(Closed, frozen=True, kw_only=True):
    """What the grader saw in a step of the scenario: as peer, partner or reader.

    of: the step's `as`, or the peer's name; "guest" means each of guest.1, guest.2, … and all
    steps of that name. state: facts that are exactly so (the steps say which there are).
    matches: facts in which these regular expressions are found.
    """

    of: str
    data: str | None = None
    """Exactly these bytes."""
    pattern: str | None = None
    """A regular expression that is found somewhere in the bytes."""
    state: dict[str, int | str | bool | list[int | str]] = {}
    matches: dict[str, str] = {}


class ObjectState(Closed, frozen=True, kw_only=True):
    """Properties of a kernel object that a process used, as it was last seen.

    object: "shm:{key}", or a `$name` that `observe` bound. is: attributes by name, exactly so
    (mode "0600", bytes, key, nsems, path, …). created_by, removed_by: a process, as in events;
    removed_by "nobody": it was not removed.
    """

    object: str
    is_: dict[str, int | str | bool | list[int | str]] = msgspec.field(default={}, name="is")
    created_by: str | None = None
    removed_by: str | None = None


class Channel(Closed, frozen=True, kw_only=True):
    """Bytes went from one process to another through one object.

    from, to: a process with its descendants; of `main.*` each one (at least one) must have sent.
    object: an id, a `$name`, or none for any object (of this kind); the address of a socket
    (`unix:PATH`, `tcp:127.0.0.1:PORT`) stands for each connection to it. type: of the messages.
    Without data and total it is enough that something went through.
    """

    from_: str = msgspec.field(name="from")
    to: str
    object: str | None = None
    kind: Literal["pipe", "fifo", "file", "msg", "mq", "socket", "shm"] | None = None
    type: int | str | None = None
    data: str | None = None
    """Exactly this, in all. Of messages their texts one after the other, or each as a line. Of
    shared memory: found in it when the giver detached it."""
    total: int | str | None = None
    """So many bytes in all."""


class NoOtherChannel(Closed, frozen=True, kw_only=True):
    """Between these processes bytes went only through objects that `observe` and `channel` of the
    same check name, themselves or by their kind, or that are allowed here. An actor stands for its
    whole family."""

    between: list[str]
    allowed: list[str] = []


class Count(Closed, frozen=True, kw_only=True):
    """How often something happened; at least one bound is set. Other keys as in `observe`."""

    event: EventName
    by: str = "*"
    object: str | None = None
    errno: str | None = None
    args: dict[str, int | str | bool] = {}
    exactly: int | str | None = None
    at_least: int | str | None = None
    at_most: int | str | None = None


class Concurrent(Closed, frozen=True, kw_only=True):
    """How many of these processes there were at the same time, at the most.

    until: "exit", they run; "reaped", their parent has not waited for them yet: so
    `{of: main.*, at_least: 10, until: reaped}` says that 10 were forked before the first was
    reaped, however short each one lived.
    """

    of: str
    at_least: int | str | None = None
    at_most: int | str | None = None
    until: Literal["exit", "reaped"] = "exit"


class NoBusyWaiting(Closed, frozen=True, kw_only=True):
    """No process asks again and again instead of blocking in a call, and none computes while it
    waits. at_most: so many questions in a row may come back empty-handed."""

    by: str = "*"
    at_most: int = 50


class NoSleep(Closed, frozen=True, kw_only=True):
    """No process sleeps for a time."""

    by: str = "*"


class BlockedIn(Closed, frozen=True, kw_only=True):
    """The process slept in the call that makes this event ("sem.op"). The scenario must wait for
    that (`until: {blocked: sem.op}`), or it would depend on who is quicker."""

    by: str
    event: EventName


class Conditions(Closed, frozen=True, kw_only=True):
    """The conditions that a check may combine; it passes when every one that is set is met."""

    observe: list[Pattern] | None = None
    """These events, in this order."""
    absent: list[Pattern] | None = None
    """No such event anywhere (outside the interpreter's start-up)."""
    stdout: str | Text | list[Text] | None = None
    stderr: str | Text | list[Text] | None = None
    exit: Status | Exit | list[Exit] | None = None
    closed: list[Closing] | None = None
    """With `$name` objects that `observe` bound."""
    reaped: Reaped | None = None
    residue: Literal["none"] | None = None
    step: Noted | list[Noted] | None = None
    state: ObjectState | list[ObjectState] | None = None
    channel: Channel | list[Channel] | None = None
    no_other_channel: NoOtherChannel | None = None
    count: Count | list[Count] | None = None
    concurrent: Concurrent | list[Concurrent] | None = None
    no_busy_waiting: bool | NoBusyWaiting | None = None
    no_sleep: bool | NoSleep | None = None
    blocked_in: BlockedIn | list[BlockedIn] | None = None
    cpu: float | None = None
    """At most so many seconds of CPU time, of all processes together."""
    memory: int | str | None = None
    """At most so much memory at any time, of all processes together: `64 MiB`."""
    python: str | None = None
    """A function of `checks.py` beside the assignment, of a hidden check of `hidden_checks.py`."""
