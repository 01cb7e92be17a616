"""Owns what we know of the traced processes: family tree, threads, the call each one is in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from grader.kernel.objects import Descriptor, Object
from grader.trace.model import ExitOf

if TYPE_CHECKING:
    from grader.kernel.calling import Text
    from grader.kernel.rows import Row


class Call(msgspec.Struct, eq=False):
    """One system call from its entry stop to its return.

    result: the return value, -errno on failure, None while it runs. note: what the decoder kept
    at entry for the return.
    """

    task: Task
    name: str
    args: Sequence[int]
    row: Row
    address: int
    stack: int
    entered_ns: int
    descriptor: Descriptor | None = None
    result: int | None = None
    note: Any = None
    left_ns: int | None = None
    """When it was interrupted, while it may still be restarted."""
    interruption: int = 0
    """The code with which a signal broke it off (ERESTARTSYS, …, EINTR), 0 while it runs."""
    handlers: int = 0
    """Signal handlers that run before it is made again."""

    @property
    def ok(self) -> bool:
        return self.result is not None and self.result >= 0

    def signed(self, index: int) -> int:
        """Argument as a C int: the kernel ignores the register's upper half."""
        value = self.args[index] & 0xFFFFFFFF
        return value - (1 << 32) if value & 0x80000000 else value

    def unsigned(self, index: int) -> int:
        """Argument as a C unsigned int."""
        return self.args[index] & 0xFFFFFFFF


class FileTable(dict[int, Descriptor]):
    """Open descriptors of interest by number, as the kernel named them when they came to be.

    dull: numbers that the kernel said are of no interest. Whatever closes or replaces a
    descriptor takes its number out of both (`drop`), so the kernel is asked again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dull: set[int] = set()
        self._held: dict[tuple[Object, str] | int, int] = {}
        """How many descriptors there are of each end of an object, and of each socket's inode."""

    def copy(self) -> FileTable:
        new = FileTable()
        new.update(self)
        new.dull = set(self.dull)
        new._held = self._held.copy()
        return new

    def holds(self, end: tuple[Object, str] | int) -> bool:
        """Whether the "read" or "write" end of an object, or the socket with this inode, is open
        here; the same time for it however many descriptors there are."""
        return end in self._held

    def __setitem__(self, fd: int, descriptor: Descriptor) -> None:
        before = self.get(fd)
        super().__setitem__(fd, descriptor)
        self._count(descriptor, 1)
        if before is not None:
            self._count(before, -1)

    def drop(self, fd: int) -> Descriptor | None:
        """Forget a descriptor; what it was, if it was of interest."""
        found = self.pop(fd, None)
        if found is not None:
            self._count(found, -1)
        return found

    def _count(self, descriptor: Descriptor, by: int) -> None:
        ends: list[tuple[Object, str] | int] = []
        if descriptor.readable:
            ends.append((descriptor.object, "read"))
        if descriptor.writable:
            ends.append((descriptor.object, "write"))
        if descriptor.inode is not None:
            ends.append(descriptor.inode)
        for end in ends:
            now = self._held.get(end, 0) + by
            if now:
                self._held[end] = now
            else:
                del self._held[end]


class Proc(msgspec.Struct, eq=False):
    """One process (thread group). pid is ours, inner_pid its own namespace's."""

    id: str
    pid: int
    inner_pid: int
    parent: Proc | None
    files: FileTable
    """Shared after CLONE_FILES."""
    actor: str | None = None
    argv: list[str] = msgspec.field(default_factory=list)
    tasks: dict[int, Task] = msgspec.field(default_factory=dict)
    children: int = 0
    threads: int = 0
    exit: ExitOf = None
    alive: bool = True
    started_us: int = 0
    ended_us: int | None = None
    reaped_by: str | None = None
    gone: bool = False
    """Its number is free again, whoever reaped it."""
    cpu_us: int = 0
    runtime: bool = False
    """True while an interpreter starts up: its events are marked, not judged."""
    main_path: str | None = None
    """Opening this file ends the start-up."""
    quiet: bool = False
    """Our own init: traced for its children's sake, never an event."""
    memory: int | None = None
    """/proc/PID/mem, open while the program image lasts; -1 where it may not be opened."""
    text: Text | None = None
    """The program it runs, where that has debug information: names the lines that make calls."""
    state: dict[str, Any] = msgspec.field(default_factory=dict)
    """What decoder families keep for each process (armed timers, dispositions, attachments)."""

    @property
    def view(self) -> int:
        """The thread whose folder in /proc shows the process's memory and descriptors: its first
        one, unless that has ended before the others (pthread_exit(3) in main)."""
        first = self.tasks.get(self.pid)
        if first is None or not first.exiting:
            return self.pid
        return next((tid for tid, task in self.tasks.items() if not task.exiting), self.pid)


class Task(msgspec.Struct, eq=False):
    """One thread. call: the system call it is inside; interrupted: one that may restart."""

    tid: int
    proc: Proc
    index: int = 0
    inner_tid: int = 0
    call: Call | None = None
    interrupted: list[Call] = msgspec.field(default_factory=list)
    """Calls that a signal broke off and that may restart, the innermost last."""
    redirected: dict[int, bytes] = msgspec.field(default_factory=dict)
    """Signals on their way here from another thread: the siginfo_t that each had there."""
    held: int | None = None
    """The number of the call that was skipped, to be made again at its exit stop."""
    begun: bool = False
    """Its first stop, before its first instruction, has been seen."""
    stopped: bool = False
    """In a group-stop (job control)."""
    other_stack: range = range(0)
    """The addresses of its alternate signal stack (sigaltstack(2))."""
    shielded: bool = False
    """In a section of the C library that blocks every signal for itself."""
    exiting: bool = False
