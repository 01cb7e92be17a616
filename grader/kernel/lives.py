"""Owns the births and deaths of tasks: fork, clone, exec and exit, and what of a process's state
outlives each (the family tree, descriptors, memory)."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from grader.kernel import abi, closing, interruption, libc, proc
from grader.kernel.tracee import Call, FileTable, Proc, Task
from grader.trace.model import Attribute
from grader.trace.names import signal_name

if TYPE_CHECKING:
    from grader.kernel.observer import Observer

INHERITED: frozenset[str] = frozenset(("sysv", "maps", "locks", interruption.RESTARTING))
"""Keys of Proc.state that a fork copies."""
LEFT_BY_VM: frozenset[str] = frozenset(("maps",))
"""Of these, what a child that shares its parent's memory (vfork) does not have a second time."""
KEPT_BY_EXEC: frozenset[str] = frozenset(("undo", "locks", "timers"))
"""Keys of Proc.state that survive an exec."""
_MAKING = frozenset(("fork", "vfork", "clone", "clone3"))


def adopt(
    observer: Observer, pid: int, id: str, parent: Proc | None, *, quiet: bool = False
) -> Proc:
    """A process that is traced from now on. quiet: our own init."""
    known = proc.identity(pid)
    inner = known[2] if known else pid
    new = Proc(id=id, pid=pid, inner_pid=inner, parent=parent, files=FileTable(), quiet=quiet)
    new.started_us = observer.now_us()
    new.tasks[pid] = observer.tasks[pid] = Task(pid, new, inner_tid=inner)
    new.threads = 1
    observer.inner[inner] = new
    if not quiet:
        observer.processes.append(new)
        observer.alive[pid] = new
    return new


def forked(observer: Observer, task: Task, event: int) -> int | None:
    """At a fork event: the TID of the new process or thread, which has its place in the family
    tree now; None if the tracee is gone."""
    child = libc.event_message(task.tid)
    if child is None:
        return None
    observer.births += 1
    parent = task.proc
    flags = 0
    if event != abi.PTRACE_EVENT_FORK and task.call is not None:
        flags = clone_flags(observer, task.call)
    known = proc.identity(child)
    if known is not None and known[0] == parent.pid and child != parent.pid:
        parent.threads += 1
        thread = Task(child, parent, index=parent.threads - 1, inner_tid=known[2])
        thread.shielded = task.shielded
        parent.tasks[child] = observer.tasks[child] = thread
        if task.call is not None:
            observer.emit_plain(
                parent,
                "process.thread",
                call=task.call.name,
                args={"thread": thread.index},
                place=observer.call_place(task.call),
            )
    else:
        _new_process(observer, task, child, flags)
    return child


def clone_flags(observer: Observer, call: Call) -> int:
    """The flags of clone, clone3 or vfork; 0 for other calls."""
    if call.name == "vfork":
        return abi.CLONE_VM | abi.CLONE_VFORK
    if call.name == "clone":
        return call.args[0]
    if call.name == "clone3":
        head = observer.read(call.task, call.args[0], 8)
        return int.from_bytes(head or b"", "little")
    return 0


def vfork_child(observer: Observer, call: Call) -> Proc | None:
    """The child for whose exec or exit this call waits (vfork(2)); None if it waits for none."""
    child = call.note if call.name in _MAKING else None
    if isinstance(child, Proc) and clone_flags(observer, call) & abi.CLONE_VFORK:
        return child
    return None


def _new_process(observer: Observer, task: Task, pid: int, flags: int) -> None:
    parent = task.proc
    if parent.quiet:
        actor, id, main_path = observer.expected.pop(0)
        new = adopt(observer, pid, id, None)
        new.actor, new.main_path = actor, main_path
        if main_path is not None:
            observer.objects.ignored.add(main_path)
        new.runtime = True
        return
    parent.children += 1
    new = adopt(observer, pid, f"{parent.id}.{parent.children}", parent)
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
        observer.emit_plain(
            parent,
            "process.fork",
            call=call.name,
            target=new.id,
            result=pid,
            place=observer.call_place(call),
        )


def executed(observer: Observer, task: Task) -> None:
    """At an exec event: one thread is left, with the TID of the process."""
    former = libc.event_message(task.tid)
    process = task.proc
    if former is not None and former != task.tid and former in observer.tasks:
        task.call = observer.tasks[former].call
        if task.call is not None:
            task.call.task = task
    for tid in list(process.tasks):
        if tid != task.tid:
            _forget(observer, tid)
            del process.tasks[tid]
    # a thread that was not the first has its place now, whatever the first one was doing
    task.index, task.stopped, task.exiting = 0, False, False
    task.other_stack, task.shielded = range(0), False
    task.held, task.redirected = None, {}
    task.interrupted.clear()
    observer.forget_memory(process)
    process.text = observer.binaries.text(process.pid)
    process.argv = proc.command_line(process.pid)
    if not proc.shows_descriptors(process.pid):
        os.kill(process.pid, signal.SIGKILL)  # what cannot be observed does not run
    before = process.files
    process.files = FileTable()
    observer.scan_files(process)
    observer.emit_plain(process, "process.exec", call="execve", args={"argv": list(process.argv)})
    closing.closed_implicitly(observer, process, before, "execve")
    _end_memory(observer, process, "execve")
    for name in [name for name in process.state if name not in KEPT_BY_EXEC]:
        del process.state[name]
    path = task.call.note if task.call is not None else b""
    if process.main_path is None or observer.objects.absolute(path) == process.main_path:
        process.runtime = False


def exiting(observer: Observer, task: Task) -> None:
    """At an exit event: a thread is about to go, the last one still with memory and descriptors."""
    process = task.proc
    task.exiting = True
    _cut(observer, task)
    if not process.quiet and all(other.exiting for other in process.tasks.values()):
        _end_memory(observer, process, "exit")
        _release_files(observer, process)
        process.cpu_us = proc.cpu_us(process.pid)


def _cut(observer: Observer, task: Task) -> None:
    """A thread has ended inside a call, which never returns."""
    call, task.call = task.call, None
    if call is not None and task.held is None and not task.proc.quiet:
        call.row.cut(observer, call)
        if call.name in _MAKING:
            observer.late_maker = call
            take_in(observer)


def is_zombie(observer: Observer, process: Proc) -> bool:
    """Whether it has ended and one of the run's own processes leaves it lying. An orphan is none:
    that is PID 1's to reap. Once its number is free, the kernel is not asked again."""
    if process.alive or process.gone or process.reaped_by is not None:
        return False
    known = proc.stat(process.pid)
    if known is None or known.state != "Z":
        process.gone = True
        return False
    parent = observer.tasks.get(known.parent)
    return parent is not None and not parent.proc.quiet


def take_in(observer: Observer) -> None:
    """Resume the newborn whose maker was killed before the kernel could tell of them: once nobody
    is left who might."""
    maker = observer.late_maker
    if maker is None or any(
        task.call is not None and task.call.name in _MAKING for task in observer.tasks.values()
    ):
        return
    for tid in list(observer.early):
        del observer.early[tid]
        known = proc.identity(tid)
        if known is not None and known[0] == tid:  # else a thread, killed with its whole process
            maker.task.call = maker
            _new_process(observer, maker.task, tid, clone_flags(observer, maker))
            maker.task.call = None
            observer.scan_files(observer.tasks[tid].proc)
        libc.resume(abi.PTRACE_CONT, tid)


def has_ended(task: Task) -> bool:
    """Whether it is the first thread of a process that lives on without it: nobody is told of its
    end before theirs."""
    if not task.exiting or task.tid != task.proc.pid:
        return False
    known = proc.stat(task.tid)
    return known is not None and known.state == "Z"


def _forget(observer: Observer, tid: int) -> None:
    """There is no such thread any more."""
    observer.tasks.pop(tid, None)
    if observer.newborn is not None:
        observer.newborn.pop(tid, None)


def _end_memory(observer: Observer, process: Proc, call: str) -> None:
    """What the families tell of a process whose memory goes; telling it twice tells nothing."""
    for ending in observer.endings:
        ending(observer, process, call)


def _release_files(observer: Observer, process: Proc) -> None:
    shared = any(p.files is process.files for p in observer.live() if p is not process)
    before = process.files
    process.files = FileTable()
    if not shared:
        closing.closed_implicitly(observer, process, before, "exit")


def ended(observer: Observer, task: Task, status: int) -> None:
    """At the report of an end, which comes even where no exit event did (SIGKILL)."""
    tid, process = task.tid, task.proc
    _forget(observer, tid)
    process.tasks.pop(tid, None)
    _cut(observer, task)
    interruption.ended(observer, task)
    if tid != process.pid:
        return
    process.alive = False
    observer.alive.pop(process.pid, None)
    observer.forget_memory(process)
    if process.quiet:
        return
    _end_memory(observer, process, "exit")
    if process.files:
        _release_files(observer, process)
    process.ended_us = observer.now_us()
    code = os.waitstatus_to_exitcode(status)
    process.exit = code if code >= 0 else signal_name(-code)
    args: dict[str, Attribute] = {"signal": process.exit} if code < 0 else {}
    observer.emit_plain(process, "process.exit", result=code if code >= 0 else None, args=args)
