"""Owns the answer to "where was everyone?" for a run that did not finish: the line at which each
thread waits or computes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.kernel import libc, proc, pyspy, seccomp
from grader.kernel.abi import SYSCALL_INFO_ENTRY
from grader.kernel.halt import halt
from grader.kernel.image import runs_python
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked
from grader.kernel.stuck import stopped, wait_of
from grader.kernel.tracee import Proc, Task
from grader.run.ending import Ending
from grader.trace.model import RUNNING, Outcome, Source, Wait

_MOST_THREADS = 64
"""So many threads are asked where they are,"""
_MOST_INTERPRETERS = 8
"""and so many Python processes: each takes some 30 ms of a CPU."""
_LONGEST_NAME = 200


def located(observer: Observer, ending: Ending, spy: int | None) -> Ending:
    """The ending with a `Wait` for each thread, and its source line where that is certain.

    Stops every thread for good: to be called when all that is left is to kill them. spy: from
    `pyspy.find`.
    """
    if ending.outcome in (Outcome.FINISHED, Outcome.ERROR):
        return ending
    tasks = [task for task in observer.tasks.values() if not task.proc.quiet and not task.exiting]
    del tasks[_MOST_THREADS:]
    waits = list(ending.waits) or [_occupation(observer, task) for task in tasks]
    halt(tasks)
    by_thread = {(task.proc.id, task.index): task for task in tasks}
    waits = [_placed(observer, wait, by_thread.get((wait.process, wait.thread))) for wait in waits]
    if spy is not None:
        waits = placed_in_python(observer, waits, spy)
    return msgspec.structs.replace(ending, waits=tuple(waits))


def _occupation(observer: Observer, task: Task) -> Wait:
    """What a thread is doing at this moment. needs is empty where that is not known, or where
    only time is needed."""
    call = task.call
    if call is not None:
        blocked = call.row.blocked(observer, call) if call.row.blocked is not None else None
        if blocked is None or blocked.timed:
            blocked = Blocked("")
        return wait_of(observer, task, blocked)
    if task.stopped:
        return stopped(observer, task)
    name = _unobserved_call(task.tid)
    return Wait(
        process=task.proc.id,
        call=name or RUNNING,
        needs="" if name else "nothing: it computes",
        thread=task.index,
    )


def _unobserved_call(tid: int) -> str | None:
    """The call that a thread sleeps in although no row watches it: proc_pid_syscall(5)."""
    known = proc.stat(tid)
    if known is None or known.state not in "SD":
        return None
    try:
        number = Path(f"/proc/{tid}/syscall").read_bytes().partition(b" ")[0]
    except OSError:
        return None
    return seccomp.names().get(int(number), "a system call") if number.isdigit() else None


# -- programs with debug information -----------------------------------------------------------


def _placed(observer: Observer, wait: Wait, task: Task | None) -> Wait:
    """The wait with its line, now that the thread's registers can be read."""
    if wait.source is not None or task is None or task.proc.text is None:
        return wait
    info = libc.syscall_info(task.tid)
    if task.call is not None:
        address, source = observer.call_place(task.call)
    elif info is not None:
        _op, _arch, instruction, stack, *_call = SYSCALL_INFO_ENTRY.unpack_from(info)
        address, source = observer.place(task, instruction, stack)
    else:
        return wait
    return msgspec.structs.replace(wait, address=address, source=source)


# -- Python ------------------------------------------------------------------------------------


def placed_in_python(observer: Observer, waits: list[Wait], spy: int) -> list[Wait]:
    """The waits, those of Python processes with their lines: of files in the work folder."""
    by_thread = {(task.proc.id, task.index): task for task in observer.tasks.values()}
    folder = observer.objects.work_folder or "/"
    asked: dict[int, Proc] = {}
    for wait in waits:
        task = by_thread.get((wait.process, wait.thread))
        if wait.source is None and task is not None and runs_python(task.proc.pid):
            asked[task.proc.inner_pid] = task.proc
    threads = pyspy.dump(spy, list(asked)[:_MOST_INTERPRETERS])
    return [
        _with_python_source(wait, by_thread.get((wait.process, wait.thread)), threads, folder)
        for wait in waits
    ]


def _with_python_source(
    wait: Wait, task: Task | None, threads: dict[int, list[pyspy.Thread]], folder: str
) -> Wait:
    if wait.source is not None or task is None or task.proc.inner_pid not in threads:
        return wait
    source = _python_source(task, threads[task.proc.inner_pid], folder)
    return msgspec.structs.replace(wait, source=source)


def _python_source(task: Task, threads: list[pyspy.Thread], folder: str) -> Source | None:
    """The innermost line of the student's own files; None if the thread is in none."""
    mine = [thread for thread in threads if thread.os_thread_id == task.inner_tid]
    if not mine and len(threads) == 1 == len(task.proc.tasks):
        mine = threads  # a forked interpreter may still know its parent's thread id
    inside = folder.rstrip("/") + "/"
    for thread in mine[:1]:
        for frame in thread.frames:
            if frame.filename.startswith(inside) and frame.line > 0:
                name = None if frame.name.startswith("<") else frame.name[:_LONGEST_NAME]
                file = frame.filename.removeprefix(inside)[:_LONGEST_NAME]
                return Source(file=file, line=frame.line, function=name)
    return None
