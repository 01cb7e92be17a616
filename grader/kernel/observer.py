"""Owns the tracing of processes: every stop of a tracee is handled and resumed here, and becomes
events through the rows of the system-call table.

ptrace(2): seccomp stops open a call, syscall-exit stops close it; fork, exec and exit events keep
the family tree. A tracee may vanish at any moment (ESRCH): its exit report then settles it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial

from grader.kernel import abi, hold, interruption, libc, proc, seccomp
from grader.kernel.calling import NOWHERE, Binaries, Place
from grader.kernel.objects import Descriptor, Object, Objects
from grader.kernel.rows import Row
from grader.kernel.scheduler import FirstComeFirstServed, Scheduler
from grader.kernel.tracee import Call, FileTable, Proc, Task
from grader.trace.log import EventLog
from grader.trace.model import Attribute, Event
from grader.trace.names import error_name, signal_name
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
_SYSCALL_STATUS = 0x7F | (signal.SIGTRAP | 0x80) << 8
_SECCOMP_STATUS = 0x7F | signal.SIGTRAP << 8 | abi.PTRACE_EVENT_SECCOMP << 16
_TAKE = os.WNOHANG | abi.WALL
_FORKS = (abi.PTRACE_EVENT_FORK, abi.PTRACE_EVENT_VFORK, abi.PTRACE_EVENT_CLONE)
_STOPPING = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
_MAKING = frozenset(("fork", "vfork", "clone", "clone3"))
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
        """Asked at each entry stop: the errno that the call is refused with, None to let it be."""
        self._binaries = Binaries()
        self._held: dict[tuple[str | int, str], list[str]] | None = None
        """Filled while a process's descriptors all close."""
        self._early: dict[int, int] = {}
        self._late_maker: Call | None = None
        """The last call that was to make a thread or a process when its caller was killed."""
        self._by_inner: dict[int, Proc] = {}
        self._alive: dict[int, Proc] = {}
        self._delivered = list(
            dict.fromkeys(row.delivered for row in table.values() if row.delivered)
        )
        self._endings = list(dict.fromkeys(row.ending for row in table.values() if row.ending))
        self._closings = list(dict.fromkeys(row.closing for row in table.values() if row.closing))
        names = seccomp.names()
        self._rows = {nr: (name, table.get(name, _NO_ROW)) for nr, name in names.items()}

    # -- attaching ---------------------------------------------------------------------------

    def seize(self, pid: int, id: str, *, quiet: bool = False) -> Proc | None:
        """Begin to trace a process (PTRACE_SEIZE); None if it is gone."""
        if libc.ptrace(abi.PTRACE_SEIZE, pid, 0, self.options) < 0:
            return None
        return self._adopt(pid, id, None, quiet=quiet)

    def _adopt(self, pid: int, id: str, parent: Proc | None, *, quiet: bool = False) -> Proc:
        known = proc.identity(pid)
        inner = known[2] if known else pid
        new = Proc(id=id, pid=pid, inner_pid=inner, parent=parent, files=FileTable(), quiet=quiet)
        new.started_us = self.now_us()
        new.tasks[pid] = self.tasks[pid] = Task(pid, new, inner_tid=inner)
        new.threads = 1
        self._by_inner[inner] = new
        if not quiet:
            self.processes.append(new)
            self._alive[pid] = new
        return new

    def scan_files(self, process: Proc) -> None:
        """Ask the kernel for all descriptors of interest of a process."""
        process.files.clear()
        process.files.dull.clear()
        for fd in proc.descriptors(process.pid):
            self.note_descriptor(process, fd)

    def note_descriptor(self, process: Proc, fd: int) -> Descriptor | None:
        """Ask the kernel what this descriptor is now, and remember it for forks and closes."""
        found = self.objects.descriptor(process.pid, fd)
        if found is None:
            process.files.pop(fd, None)
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
            process.memory = proc.open_memory(process.pid)
        if process.memory >= 0:
            try:
                return os.pread(process.memory, size, address)
            except (OSError, OverflowError):
                return None  # unmapped, or no address at all
        return libc.read_memory(task.tid, address, size)

    def _forget_memory(self, process: Proc) -> None:
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
        return self._by_inner.get(pid)

    @staticmethod
    def blocked_us(call: Call) -> int:
        """Microseconds from the call's entry to its return, or to now."""
        return ((call.left_ns or time.monotonic_ns()) - call.entered_ns) // 1000

    def process(self, id: str) -> Proc | None:
        """The process with this place in the family tree."""
        return next((known for known in self.processes if known.id == id), None)

    def live(self) -> list[Proc]:
        """The student's processes that have not ended."""
        return list(self._alive.values())

    def abandoned(self) -> set[int]:
        """All threads that are traced, also those of which only a first stop is known. Nothing is
        to be handled any more."""
        found = {*self.tasks, *self._early}
        while (stop := self.scheduler.next()) is not None:
            tid, status = stop
            if os.WIFSTOPPED(status):
                found.add(tid)
            else:
                found.discard(tid)
        return found

    def holders(self, found: Object, end: str) -> list[str]:
        """Which processes hold this end of the object open, as the descriptors were noted."""
        if self._held is not None:
            return self._held.get((found.id, end), [])
        return [
            process.id
            for process in self.processes
            if process.alive
            and any(
                d.object is found and (d.readable if end == "read" else d.writable)
                for d in process.files.values()
            )
        ]

    def socket_holders(self, inode: int) -> list[str]:
        """Which processes hold this socket open, as the descriptors were noted."""
        if self._held is not None:
            return self._held.get((inode, ""), [])
        return [
            process.id
            for process in self.processes
            if process.alive and any(d.inode == inode for d in process.files.values())
        ]

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

        block: sleep until there is one, or no tracee is left.
        """
        scheduler = self.scheduler
        try:
            if not scheduler:
                stop = os.waitpid(-1, abi.WALL if block else _TAKE)
                if stop[0]:
                    scheduler.add(stop)
            if scheduler.wants_all:
                while (stop := os.waitpid(-1, _TAKE))[0]:
                    scheduler.add(stop)
        except ChildProcessError:
            pass
        return bool(scheduler)

    def handle(self, most: int = 256) -> bool:
        """Handle and resume waiting stops, new ones too, but at most so many; True if any."""
        scheduler = self.scheduler
        handled = 0
        while handled < most and self.collect():
            stop = scheduler.next()
            if stop is None:
                break
            handled += 1
            self._handle(*stop)
        return handled > 0

    def settle(self, process: Proc) -> None:
        """Handle what the threads of a process have stopped for by now, so that a cause is told
        before its effect on another process."""
        for tid in list(process.tasks):
            try:
                stop = os.waitpid(tid, _TAKE)
            except ChildProcessError:
                continue
            if stop[0]:
                self._handle(*stop)

    def _handle(self, tid: int, status: int) -> None:
        task = self.tasks.get(tid)
        if task is None:
            if os.WIFSTOPPED(status):
                # a new child's first stop before its parent's fork event: it waits for its name
                self._early[tid] = status
                self._take_in()
            else:
                self._early.pop(tid, None)
        elif status == _SECCOMP_STATUS:
            self._enter(task)
        elif status == _SYSCALL_STATUS:
            self._leave(task)
        elif os.WIFSTOPPED(status):
            self._other_stop(task, status >> 16, (status >> 8) & 0xFF)
        else:
            self._ended(task, status)

    def _other_stop(self, task: Task, event: int, number: int) -> None:
        if event == 0:
            self._signal(task, number)
        elif event in _FORKS:
            self._forked(task, event)
        elif event == abi.PTRACE_EVENT_EXEC:
            self._executed(task)
        elif event == abi.PTRACE_EVENT_EXIT:
            self._exiting(task)
        elif event == abi.PTRACE_EVENT_STOP and number in _STOPPING:
            if not any(other.stopped for other in task.proc.tasks.values()):
                self.emit_plain(task.proc, "signal.stop", args={"signal": signal_name(number)})
            task.stopped = True
            libc.ptrace(abi.PTRACE_LISTEN, task.tid)
        else:
            if task.stopped:
                task.stopped = False
                if not any(other.stopped for other in task.proc.tasks.values()):
                    self.emit_plain(task.proc, "signal.continue")
            self._resume(task)

    def _resume(self, task: Task, signal_number: int = 0) -> None:
        request = abi.PTRACE_SYSCALL if task.call is not None else abi.PTRACE_CONT
        libc.resume(request, task.tid, signal_number)

    def _enter(self, task: Task) -> None:
        info = libc.syscall_info(task.tid)
        if info is None:
            return
        _op, _arch, address, stack, number, *args = abi.SYSCALL_INFO_ENTRY.unpack_from(info)
        name, row = self._rows.get(number, ("", _NO_ROW))
        if task.interrupted and interruption.made_again(self, task, name, address, stack):
            self._resume(task)
            return
        call = Call(task, name, args, row, address, stack, time.monotonic_ns())
        if self.guard is not None and (code := self.guard(call)) is not None:
            hold.refuse(call, code)
        if not row.enter(self, call):
            task.call = None
            libc.resume(abi.PTRACE_CONT, task.tid)
            return
        task.call = call
        if self.hold is not None and self.hold(call):
            task.held = number if hold.skip(call) else None
        libc.resume(abi.PTRACE_SYSCALL, task.tid)

    def _leave(self, task: Task) -> None:
        call = task.call
        task.call = None
        if call is None:
            self._resume(task)
            return
        info = libc.syscall_info(task.tid)
        if info is None:
            return
        op, _arch, _address, _stack, value, _error = abi.SYSCALL_INFO_EXIT.unpack_from(info)
        if task.held is not None:
            hold.rewind(call, task.held)
            task.held = None
            self._resume(task)
            return
        if op != abi.PTRACE_SYSCALL_INFO_EXIT:
            task.call = call
            self._resume(task)
            return
        if not interruption.broken_off(call, value):
            call.result = value
            call.row.leave(self, call)
        self._resume(task)

    def _signal(self, task: Task, number: int) -> None:
        if task.proc.quiet:
            # being traced, PID 1 loses the kernel's protection from signals that stop it
            self._resume(task, number if number == signal.SIGCHLD else 0)
        elif self._delivered_signal(task, number):
            self._resume(task, number)
        else:
            self._resume(task)

    def _delivered_signal(self, task: Task, number: int) -> bool:
        """A signal is about to be delivered to a thread; False if it is to be kept from it."""
        raw = libc.signal_info(task.tid)
        if raw is None:
            return True
        _number, _error, code, sender, _user, value = abi.SIGINFO.unpack_from(raw)
        for delivered in self._delivered:
            delivered(self, task, number, code, sender)
        action = proc.signal_action(task.proc.pid, number)
        args: dict[str, Attribute] = {"signal": signal_name(number), "action": action}
        if code == abi.SI_QUEUE:
            args["value"] = value
        self.emit_plain(
            task.proc,
            "signal.deliver",
            target=self.sender(number, code, sender),
            thread=task.index,
            args=args,
        )
        return interruption.at_signal(self, task, number, action)

    def sender(self, number: int, code: int, pid: int) -> str | None:
        """Who caused a signal, by si_code and si_pid: a process, "grader", None for the kernel."""
        if code not in abi.SENT and number != signal.SIGCHLD:
            return None
        known = self.by_inner(pid)
        if known is not None and not known.quiet:
            return known.id
        # from outside of the tracees' PID namespace the kernel tells no PID
        return "grader" if known is not None or pid in (0, os.getpid()) else str(pid)

    def _forked(self, task: Task, event: int) -> None:
        child = libc.event_message(task.tid)
        if child is None:
            return
        parent = task.proc
        flags = 0
        if event != abi.PTRACE_EVENT_FORK and task.call is not None:
            flags = self.clone_flags(task.call)
        known = proc.identity(child)
        if known is not None and known[0] == parent.pid and child != parent.pid:
            parent.threads += 1
            thread = Task(child, parent, index=parent.threads - 1, inner_tid=known[2])
            thread.shielded = task.shielded
            parent.tasks[child] = self.tasks[child] = thread
            if task.call is not None:
                self.emit_plain(
                    parent,
                    "process.thread",
                    call=task.call.name,
                    args={"thread": thread.index},
                    place=self.call_place(task.call),
                )
        else:
            self._new_process(task, child, flags)
        self._resume(task)
        if self._early.pop(child, None) is not None:
            self._resume(self.tasks[child])

    def clone_flags(self, call: Call) -> int:
        """The flags of clone, clone3 or vfork; 0 for other calls."""
        if call.name == "vfork":
            return abi.CLONE_VM | abi.CLONE_VFORK
        if call.name == "clone":
            return call.args[0]
        if call.name == "clone3":
            head = self.read(call.task, call.args[0], 8)
            return int.from_bytes(head or b"", "little")
        return 0

    def _new_process(self, task: Task, pid: int, flags: int) -> None:
        parent = task.proc
        if parent.quiet:
            actor, id, main_path = self.expected.pop(0)
            new = self._adopt(pid, id, None)
            new.actor, new.main_path = actor, main_path
            if main_path is not None:
                self.objects.ignored.add(main_path)
            new.runtime = True
            return
        parent.children += 1
        new = self._adopt(pid, f"{parent.id}.{parent.children}", parent)
        new.argv, new.actor, new.runtime = parent.argv, parent.actor, parent.runtime
        new.main_path = parent.main_path
        new.text = parent.text
        new.files = parent.files if flags & abi.CLONE_FILES else parent.files.copy()
        inherited = INHERITED - LEFT_BY_VM if flags & abi.CLONE_VM else INHERITED
        new.state = {k: v.copy() for k, v in parent.state.items() if k in inherited}
        first = new.tasks[pid]
        first.other_stack, first.shielded = task.other_stack, task.shielded
        call = task.call
        if call is not None:
            call.note = new
            self.emit_plain(
                parent,
                "process.fork",
                call=call.name,
                target=new.id,
                result=pid,
                place=self.call_place(call),
            )

    def _executed(self, task: Task) -> None:
        former = libc.event_message(task.tid)
        process = task.proc
        if former is not None and former != task.tid and former in self.tasks:
            task.call = self.tasks[former].call
            if task.call is not None:
                task.call.task = task
        for tid in list(process.tasks):
            if tid != task.tid:
                self.tasks.pop(tid, None)
                del process.tasks[tid]
        # a thread that was not the first has its place now, whatever the first one was doing
        task.index, task.stopped, task.exiting = 0, False, False
        task.other_stack, task.shielded = range(0), False
        task.interrupted.clear()
        self._forget_memory(process)
        process.text = self._binaries.text(process.pid)
        process.argv = proc.command_line(process.pid)
        if not proc.shows_descriptors(process.pid):
            os.kill(process.pid, signal.SIGKILL)  # what cannot be observed does not run
        before = process.files
        process.files = FileTable()
        self.scan_files(process)
        self.emit_plain(process, "process.exec", call="execve", args={"argv": list(process.argv)})
        self._closed_implicitly(process, before, "execve")
        self._end_memory(process, "execve")
        for name in [name for name in process.state if name not in KEPT_BY_EXEC]:
            del process.state[name]
        path = task.call.note if task.call is not None else b""
        if process.main_path is None or self.objects.absolute(path) == process.main_path:
            process.runtime = False
        self._resume(task)

    def _closed_implicitly(
        self, process: Proc, before: Mapping[int, Descriptor], call: str
    ) -> None:
        self._held = self._all_holders() if before else None
        for fd, descriptor in sorted(before.items()):
            now = process.files.get(fd)
            if now is None or now.object is not descriptor.object:
                self.emit_close(process, fd, descriptor, call)
        self._held = None

    def _all_holders(self) -> dict[tuple[str | int, str], list[str]]:
        """Who holds what open, asked once where many descriptors close at once."""
        held: dict[tuple[str | int, str], list[str]] = {}

        def note(key: tuple[str | int, str], id: str) -> None:
            ids = held.setdefault(key, [])
            if not ids or ids[-1] != id:
                ids.append(id)

        for process in self.live():
            for descriptor in process.files.values():
                if descriptor.readable:
                    note((descriptor.object.id, "read"), process.id)
                if descriptor.writable:
                    note((descriptor.object.id, "write"), process.id)
                if descriptor.inode is not None:
                    note((descriptor.inode, ""), process.id)
        return held

    def emit_close(
        self,
        process: Proc,
        fd: int,
        descriptor: Descriptor,
        call: str,
        place: Place = NOWHERE,
    ) -> None:
        """`family.close` for a descriptor of interest, with who still has that end open. place:
        of the call, where one closed it."""
        found = descriptor.object
        if found.kind in CLOSE_EVENTS:
            args: dict[str, Attribute] = {}
            if descriptor.end is not None and found.kind != "file":
                args["end"] = descriptor.end
                args["left"] = list(self.holders(found, descriptor.end))
            elif descriptor.inode is not None:
                args["left"] = list(self.socket_holders(descriptor.inode))
            event = f"{found.kind}.close"
            self.emit_plain(process, event, call=call, object=found, fd=fd, args=args, place=place)
        for closing in self._closings:
            closing(self, process, descriptor, call)

    def _exiting(self, task: Task) -> None:
        process = task.proc
        task.exiting = True
        self._cut(task)
        if not process.quiet and all(other.exiting for other in process.tasks.values()):
            self._end_memory(process, "exit")
            self._release_files(process)
            known = proc.stat(process.pid)
            if known is not None:
                process.cpu_ms = known.cpu_ms
        self._resume(task)

    def _cut(self, task: Task) -> None:
        """A thread has ended inside a call, which never returns."""
        call, task.call = task.call, None
        if call is not None and task.held is None and not task.proc.quiet:
            call.row.cut(self, call)
            if call.name in _MAKING:
                self._late_maker = call
                self._take_in()

    def _take_in(self) -> None:
        """Resume the newborn whose maker was killed before the kernel could tell of them: once
        nobody is left who might."""
        maker = self._late_maker
        if maker is None or any(
            task.call is not None and task.call.name in _MAKING for task in self.tasks.values()
        ):
            return
        for tid in list(self._early):
            del self._early[tid]
            known = proc.identity(tid)
            if known is None or known[0] != tid:  # a thread, killed with its whole process
                libc.resume(abi.PTRACE_CONT, tid)
                continue
            maker.task.call = maker
            self._new_process(maker.task, tid, self.clone_flags(maker))
            maker.task.call = None
            self.scan_files(self.tasks[tid].proc)
            self._resume(self.tasks[tid])

    def _end_memory(self, process: Proc, call: str) -> None:
        """What the families tell of a process whose memory goes; telling it twice tells nothing."""
        for ending in self._endings:
            ending(self, process, call)

    def _release_files(self, process: Proc) -> None:
        shared = any(p.files is process.files for p in self.live() if p is not process)
        before = process.files
        process.files = FileTable()
        if not shared:
            self._closed_implicitly(process, before, "exit")

    def _ended(self, task: Task, status: int) -> None:
        tid, process = task.tid, task.proc
        del self.tasks[tid]
        process.tasks.pop(tid, None)
        self._cut(task)
        interruption.ended(self, task)
        if tid != process.pid:
            return
        process.alive = False
        self._alive.pop(process.pid, None)
        self._forget_memory(process)
        if process.quiet:
            return
        self._end_memory(process, "exit")
        if process.files:
            self._release_files(process)
        process.ended_us = self.now_us()
        code = os.waitstatus_to_exitcode(status)
        process.exit = code if code >= 0 else signal_name(-code)
        args: dict[str, Attribute] = {"signal": process.exit} if code < 0 else {}
        self.emit_plain(process, "process.exit", result=code if code >= 0 else None, args=args)


CLOSE_EVENTS = frozenset(("pipe", "fifo", "file", "socket", "mq"))
"""Kinds of objects whose closing is an event."""
INHERITED: frozenset[str] = frozenset(("sysv", "maps", "locks", interruption.RESTARTING))
"""Keys of Proc.state that a fork copies."""
LEFT_BY_VM: frozenset[str] = frozenset(("maps",))
"""Of these, what a child that shares its parent's memory (vfork) does not have a second time."""
KEPT_BY_EXEC: frozenset[str] = frozenset(("undo", "locks", "timers"))
"""Keys of Proc.state that survive an exec."""
