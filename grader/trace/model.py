"""Owns what one observed run is: `Recording` and the frozen data it is made of.

Everything that touches Linux produces a `Recording`; everything that judges consumes one. It
serialises to JSON and back without loss (`to_json`, `from_json`), schema `grade/recording/v1`.
"""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

from grader.trace.text import unescape

RECORDING_SCHEMA: Literal["grade/recording/v1"] = "grade/recording/v1"

ExitOf: TypeAlias = int | str | None
"""How a process ended: its exit status, the name of the signal ("SIGSEGV"), None while alive."""

Raw: TypeAlias = bytes

Attribute: TypeAlias = int | str | bool | list[int | str] | None


class Outcome(StrEnum):
    """How a scenario ended."""

    FINISHED = "finished"
    DEADLOCK = "deadlock"
    TIMEOUT = "timeout"
    LIMIT = "limit"
    ERROR = "error"


class _Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the recording's parts: immutable, closed, defaults left out of the JSON."""


class Source(_Data, frozen=True, kw_only=True):
    """A place in a program's text. line counts from 1."""

    file: str
    line: int
    function: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Process(_Data, frozen=True, kw_only=True):
    """One process. id is its place in the family tree ("main.1.2"); times are µs of the run."""

    id: str
    parent: str | None
    argv: list[str]
    exit: ExitOf
    actor: str | None = None
    pid: int = 0
    started_us: int = 0
    ended_us: int | None = None
    reaped_by: str | None = None
    cpu_ms: int | None = None
    threads: int = 1
    """How many threads it had in all, the first one included."""


class KernelObject(_Data, frozen=True, kw_only=True):
    """One pipe, queue, segment, socket, …; id as in events ("pipe1", "msg:1234").

    attributes by kind, for example key, id, mode, bytes for SysV objects; path for files.
    """

    id: str
    kind: str
    created_by: str | None = None
    removed_by: str | None = None
    attributes: dict[str, Attribute] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a process did or that happened to it.

    event: `family.action` ("pipe.write"). object: id of the kernel object. bytes: how many
    moved. data: them, escaped (`trace.text`), bounded. result: the call's return value, None if
    it failed or never returned. errno: the name ("EPIPE"). blocked_us: from call to return.
    args: what else the call said (key, type, flags, signal, end, …), per event.
    """

    seq: int
    t_us: int
    process: str
    event: str
    object: str | None = None
    bytes: int | None = None
    data: str | None = None
    result: int | None = None
    errno: str | None = None
    blocked_us: int = 0
    call: str = ""
    fd: int | None = None
    target: str | None = None
    """The other process of a fork, wait or signal."""
    thread: int = 0
    """Which thread of the process, 0 for its first."""
    args: dict[str, Attribute] = {}
    address: int | None = None
    """Where in the program's text the call was made."""
    source: Source | None = None
    runtime: bool = False
    """True: done by an interpreter or loader before the student's program began."""

    @property
    def family(self) -> str:
        return self.event.partition(".")[0]

    @property
    def raw(self) -> Raw:
        """The observed data as bytes, empty where nothing was kept."""
        return unescape(self.data) if self.data is not None else b""


class Holder(_Data, frozen=True, kw_only=True):
    """A process that holds an object open and could end another's wait. end: "read", "write"."""

    process: str
    fd: int | None = None
    end: str | None = None


RUNNING = "running"
"""Wait.call of a thread that waits for nothing: it was computing when the run was ended."""
STOPPED = "stopped"
"""Wait.call of a thread in a group-stop (job control), which SIGCONT ends."""


class Wait(_Data, frozen=True, kw_only=True):
    """One edge bundle of the wait-for graph: who waits in which call, for what, on whom.

    Of a run that was ended by a limit: what each thread was doing then. needs is empty where
    only time was needed, or where that is not known; call is RUNNING for one that computed.

    needs: what would end the wait ("data or end of file", "room", "exit of a child", …).
    holders: the processes that could have provided it, the waiter itself included where it
    holds the decisive end; empty means nobody could.
    """

    process: str
    call: str
    needs: str
    object: str | None = None
    fd: int | None = None
    thread: int = 0
    holders: list[Holder] = []
    source: Source | None = None
    address: int | None = None


class Residue(_Data, frozen=True, kw_only=True):
    """Something that was left when the scenario ended. kind: "process", "msg", "shm", "file", …"""

    kind: str
    id: str
    detail: str = ""


class Output(_Data, frozen=True, kw_only=True):
    """What one actor was and what it printed: stdout and stderr escaped and bounded.

    *_bytes: how much was printed in all; *_cut: how many of these bytes the middle cut took out;
    *_head: how many characters of the text lie before the cut.
    """

    name: str
    argv: list[str]
    exit: ExitOf
    stdout: str = ""
    stderr: str = ""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    stdout_cut: int = 0
    stderr_cut: int = 0
    stdout_head: int = 0
    stderr_head: int = 0
    process: str = "main"


class Observation(_Data, frozen=True, kw_only=True):
    """What the grader itself got to see in a step: as a client, a partner, a reader.

    name: of the peer or of what was read ("guest.3"). data: the bytes that it received or found,
    escaped, None if there was nothing to find. state: facts by name (status, mode, values, …).
    """

    name: str
    data: str | None = None
    state: dict[str, Attribute] = {}


class StepResult(_Data, frozen=True, kw_only=True):
    """How far one step of the scenario came. seq: the last event before it ended.

    observed: what the grader saw in it, as it was at the end of the step; of peers at the end
    of the scenario.
    """

    index: int
    title: str
    reached: bool
    message: str = ""
    seq: int = 0
    observed: list[Observation] = []


class Total(_Data, frozen=True, kw_only=True):
    """Exact traffic of one process on one object, also where events were dropped."""

    process: str
    object: str
    event: str
    count: int
    bytes: int = 0


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one scenario (or of one traced command), complete and immutable."""

    schema: Literal["grade/recording/v1"] = RECORDING_SCHEMA
    outcome: Outcome
    detail: str = ""
    processes: list[Process] = []
    objects: list[KernelObject] = []
    events: list[Event] = []
    residue: list[Residue] = []
    scenario: str | None = None
    limit: str | None = None
    actors: list[Output] = []
    waits: list[Wait] = []
    steps: list[StepResult] = []
    totals: list[Total] = []
    values: dict[str, str] = {}
    """The scenario's random values by placeholder name ("message", "message.bytes")."""
    dropped_events: int = 0
    """How many events between head and tail were counted but not kept."""
    wall_ms: int = 0
    cpu_ms: int = 0
    memory_peak_bytes: int = 0
    isolation: str = ""

    def process(self, id: str) -> Process | None:
        return next((p for p in self.processes if p.id == id), None)

    def actor(self, name: str) -> Output | None:
        return next((a for a in self.actors if name in (a.name, a.process)), None)


def to_json(recording: Recording) -> bytes:
    """The recording as one JSON object."""
    return msgspec.json.encode(recording)


def from_json(data: bytes) -> Recording:
    """The recording that `to_json` wrote; msgspec.ValidationError if it is none."""
    return msgspec.json.decode(data, type=Recording)
