"""Owns what is known of the traced processes, the questions that decoders ask of it, and the events
they make. Stops are taken from the kernel here and handled in `stops`, `lives` and `delivery`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import partial

from grader.kernel import abi, libc, lives, proc, seccomp, stops
from grader.kernel.calling import NOWHERE, Binaries, Place
from grader.kernel.objects import Descriptor, Object, Objects
from grader.kernel.rows import Row
from grader.kernel.scheduler import FirstComeFirstServed, Scheduler
from grader.kernel.tracee import Call, Proc, Task
from grader.trace.log import EventLog
from grader.trace.model import Attribute, Event
from grader.trace.names import error_name
from grader.trace.text import escape

OPTIONS = (
    abi.PTRACE_O_TRACESYSGOOD
    | abi.PTRACE_O_TRACEFORK
    | abi.PTRACE_O_TRACEVFORK
    | abi.PTRACE_O_TRACECLONE
    | abi.PTRACE_O_TRACEEXEC
    | abi.PTRACE_O_TRACEEXIT
    | abi.PTRACE_O_TRACESECCOMP
)
_TAKE = os.WNOHANG | abi.WALL
_NO_ROW = Row()


class Observer:
    """The tracer's state machine. Not thread-safe: the thread that seized must do everything.

    table: call name to row. data_limit: bytes of data kept for one event.
    """

    def __init__(
        self,
        table: Mapping[str, Row],
        log: EventLog,
        *,
        objects: Objects,
        data_limit: int = 1 << 16,
        scheduler: Scheduler | None = None,
        kill_on_exit: bool = True,
    ) -> None:
        self.table = table
        self.log = log
        self.objects = objects
        self.data_limit = data_limit
        self.scheduler = scheduler or FirstComeFirstServed()
        self.tasks: dict[int, Task] = {}
        self.processes: list[Proc] = []
        self.start_ns = time.monotonic_ns()
        self.options = OPTIONS | (abi.PTRACE_O_EXITKILL if kill_on_exit else 0)
        self.expected: list[tuple[str, str, str | None]] = []
        """Actors that init is about to fork: actor, process id, main path."""
        self.hold: Callable[[Call], bool] | None = None
        """Asked at each entry stop: True holds the call, to be made again after what is sent."""
        self.guard: Callable[[Call], int | None] | None = None
        """Asked at each entry stop: the errno that the call is refused with, 0 if it is to succeed
        without being made, None to let it be."""
        self.newborn: dict[int, Task] | None = None
        """While the run is full: those born meanwhile, which have not begun."""
        self.births = self._known_births = 0
        """How many processes and threads have been made by others."""
        self.binaries = Binaries()
        self.held: dict[tuple[str | int, str], list[str]] | None = None
        """Filled while a process's descriptors all close."""
        self.early: dict[int, int] = {}
        self.late_maker: Call | None = None
        """The last call that was to make a thread or a process when its caller was killed."""
        self._first = False
        """While what may have ended a wait is told before it."""
        self.inner: dict[int, Proc] = {}
        self.alive: dict[int, Proc] = {}
        self.delivered = list(
            dict.fromkeys(row.delivered for row in table.values() if row.delivered)
        )
        self.endings = list(dict.fromkeys(row.ending for row in table.values() if row.ending))
        self.closings = list(dict.fromkeys(row.closing for row in table.values() if row.closing))
        names = seccomp.names()
        self.rows = {nr: (name, table.get(name, _NO_ROW)) for nr, name in names.items()}

    # -- attaching ---------------------------------------------------------------------------

    def seize(self, pid: int, id: str, *, quiet: bool = False) -> Proc | None:
        """Begin to trace a process (PTRACE_SEIZE); None if it is gone."""
        if libc.ptrace(abi.PTRACE_SEIZE, pid, 0, self.options) < 0:
            return None
        seized = lives.adopt(self, pid, id, None, quiet=quiet)
        seized.tasks[pid].begun = True
        return seized

    def scan_files(self, process: Proc) -> None:
        """Ask the kernel for all descriptors of interest of a process."""
        for fd in list(process.files):
            process.files.drop(fd)
        process.files.dull.clear()
        for fd in proc.descriptors(process.view):
            self.note_descriptor(process, fd)

    def note_descriptor(self, process: Proc, fd: int) -> Descriptor | None:
        """Ask the kernel what this descriptor is now, and remember it for forks and closes."""
        found = self.objects.descriptor(process.view, fd)
        if found is None:
            process.files.drop(fd)
            process.files.dull.add(fd)
        else:
            process.files[fd] = found
            process.files.dull.discard(fd)
        return found

    def descriptor(self, process: Proc, fd: int) -> Descriptor | None:
        """What a descriptor is, None if it is of no interest: the kernel is asked once for each
        time that it is opened, since every call that opens, closes or replaces one is seen."""
        files = process.files
        found = files.get(fd)
        if found is not None or fd in files.dull:
            return found
        return self.note_descriptor(process, fd)

    # -- questions of the decoders -----------------------------------------------------------

    def now_us(self) -> int:
        """Microseconds since the run began."""
        return (time.monotonic_ns() - self.start_ns) // 1000

    def read(self, task: Task, address: int, size: int) -> bytes | None:
        """A tracee's memory, up to size bytes; None if unreadable."""
        process = task.proc
        if process.memory is None:
            process.memory = proc.open_memory(process.view)
        if process.memory >= 0:
            try:
                return os.pread(process.memory, size, address)
            except (OSError, OverflowError):
                return None  # unmapped, or no address at all
        return libc.read_memory(task.tid, address, size)

    def forget_memory(self, process: Proc) -> None:
        """The program image is gone: what was open on it shows nothing any more."""
        if process.memory is not None and process.memory >= 0:
            os.close(process.memory)
        process.memory = None

    def data(self, task: Task, address: int, size: int) -> bytes | None:
        """A tracee's memory, bounded as event data is."""
        return self.read(task, address, min(size, self.data_limit))

    def place(self, task: Task, instruction: int, stack: int) -> Place:
        """Where in its own text a thread with these registers is; NOWHERE for interpreters and
        programs without debug information."""
        text = task.proc.text
        if text is None:
            return NOWHERE
        return text.place(task, partial(self.read, task), instruction, stack)

    def call_place(self, call: Call) -> Place:
        """Where in the program's own text a call is made."""
        return self.place(call.task, call.address, call.stack)

    def by_thread(self, tid: int) -> Task | None:
        """The live thread with this TID in the tracees' own namespace."""
        return next((task for task in self.tasks.values() if task.inner_tid == tid), None)

    def by_inner(self, pid: int) -> Proc | None:
        """The process with this PID in the tracees' own namespace."""
        return self.inner.get(pid)

    @staticmethod
    def blocked_us(call: Call) -> int:
        """Microseconds from the call's entry to its return, or to now."""
        return ((call.left_ns or time.monotonic_ns()) - call.entered_ns) // 1000

    def process(self, id: str) -> Proc | None:
        """The process with this place in the family tree."""
        return next((known for known in self.processes if known.id == id), None)

    def live(self) -> list[Proc]:
        """The student's processes that have not ended."""
        return list(self.alive.values())

    def abandoned(self) -> set[int]:
        """All threads that are traced, also those of which only a first stop is known. Nothing is
        to be handled any more."""
        found = {*self.tasks, *self.early}
        while (stop := self.scheduler.next()) is not None:
            tid, status = stop
            if os.WIFSTOPPED(status):
                found.add(tid)
            else:
                found.discard(tid)
        return found

    # -- events ------------------------------------------------------------------------------

    def emit(
        self,
        call: Call,
        event: str,
        *,
        object: Object | None = None,
        bytes: int | None = None,
        data: bytes | None = None,
        fd: int | None = None,
        target: str | None = None,
        args: dict[str, Attribute] | None = None,
    ) -> None:
        """The event that a returned call makes; result and errno come from the call."""
        task = call.task
        now = call.left_ns or time.monotonic_ns()
        result = call.result
        failed = result is not None and result < 0
        if object is not None:
            object.used = True
        address, source = self.call_place(call)
        self.log.append(
            Event(
                seq=self.log.count + 1,
                t_us=(now - self.start_ns) // 1000,
                process=task.proc.id,
                event=event,
                object=object.id if object is not None else None,
                bytes=bytes,
                data=escape(data[: self.data_limit]) if data is not None else None,
                result=None if failed else result,
                errno=error_name(-result) if failed and result is not None else None,
                blocked_us=(now - call.entered_ns) // 1000,
                call=call.name,
                fd=fd,
                target=target,
                thread=task.index,
                args=args or {},
                address=address,
                source=source,
                runtime=task.proc.runtime,
            )
        )

    def emit_plain(
        self,
        process: Proc,
        event: str,
        *,
        call: str = "",
        object: Object | None = None,
        fd: int | None = None,
        target: str | None = None,
        result: int | None = None,
        bytes: int | None = None,
        data: bytes | None = None,
        thread: int = 0,
        args: dict[str, Attribute] | None = None,
        place: Place = NOWHERE,
    ) -> None:
        """An event that is no call's return: an exit, a delivered signal, an implicit close.
        place: address and line, where it has one."""
        if object is not None:
            object.used = True
        self.log.append(
            Event(
                seq=self.log.count + 1,
                t_us=self.now_us(),
                process=process.id,
                event=event,
                object=object.id if object is not None else None,
                bytes=bytes,
                data=escape(data[: self.data_limit]) if data is not None else None,
                call=call,
                fd=fd,
                target=target,
                result=result,
                thread=thread,
                args=args or {},
                address=place[0],
                source=place[1],
                runtime=process.runtime,
            )
        )

    # -- stops -------------------------------------------------------------------------------

    def collect(self, *, block: bool = False) -> bool:
        """Take new stops from the kernel; True if any waits for handling.

        block: sleep until there is one, a signal of our own comes, or no tracee is left.
        """
        scheduler = self.scheduler
        try:
            if not scheduler:
                stop = libc.wait_for_stop() if block else os.waitpid(-1, _TAKE)
                if stop is not None and stop[0]:
                    scheduler.add(stop)
            if scheduler.wants_all:
                while (stop := os.waitpid(-1, _TAKE))[0]:
                    scheduler.add(stop)
        except ChildProcessError:
            pass
        return bool(scheduler)

    def handle(self, most: int = 256) -> bool:
        """Handle and resume waiting stops, new ones too, but at most so many, and none after a
        birth, which the caller must know of before anybody goes on: somebody may be too many, or
        about to get a signal. True if any."""
        scheduler = self.scheduler
        handled = 0
        while handled < most and self.births == self._known_births and self.collect():
            stop = scheduler.next()
            if stop is None:
                break
            handled += 1
            stops.handle(self, *stop)
        self._known_births = self.births
        return handled > 0

    def let_newborn_begin(self) -> None:
        """There is room for those that had to wait."""
        waiting, self.newborn = self.newborn, None
        for task in (waiting or {}).values():
            libc.resume(abi.PTRACE_CONT, task.tid)

    def causes_first(self, waiter: Task) -> None:
        """A call that may have waited has returned: tell first of those that may have ended the
        wait, as far as they have returned too."""
        if self._first:
            return
        self._first = True
        for task in list(self.tasks.values()):
            if task is not waiter and task.call is not None and task.call.row.gives:
                self._handle_stop(task.tid)
        self._first = False

    def settle(self, process: Proc) -> None:
        """Handle what the threads of a process have stopped for by now, so that a cause is told
        before its effect on another process."""
        for tid in list(process.tasks):
            self._handle_stop(tid)

    def _handle_stop(self, tid: int) -> None:
        """Handle what this thread has stopped for by now, if anything."""
        try:
            stop = os.waitpid(tid, _TAKE)
        except ChildProcessError:
            return
        if stop[0]:
            stops.handle(self, *stop)
