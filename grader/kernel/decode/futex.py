"""Owns futex(2), where threads and processes that share memory wait for each other.

Locks and semaphores enter the kernel only to sleep or to wake a sleeper: what goes through without
a wait makes no call and no event. In shared memory a wait is `sem.wait` and a wake-up `sem.post`
on the object mapped there; between threads of one process a wait is `time.wait`, if it was long
enough to tell of.
"""

from __future__ import annotations

import errno

import msgspec

from grader.kernel import abi_ipc, abi_signal, proc
from grader.kernel.observer import Observer
from grader.kernel.rows import Blocked, Row
from grader.kernel.segments import Mapping, mapping_at, sharers
from grader.kernel.tracee import Call, Proc, Task
from grader.trace.model import Attribute, Holder

_SHORT_US = 20_000
"""Private waits below this are the small change of threaded programs: CPython asks for its lock
every 5 ms."""
_SLEPT = (-errno.ETIMEDOUT, -errno.EINTR)
_OWNER_AT = 8
"""Where the C libraries keep the owner's thread id in a mutex, counted from its futex word."""
_CONTENDED = 2
_WAITERS = 0x80000000


class _Word(msgspec.Struct, frozen=True):
    """What a call waits for or wakes: a futex word, and the shared mapping that it lies in.

    expected: the value that the sleeper saw. lock: the kernel itself knows the owner (PI).
    private: only threads of the sleeper's own process can wake it.
    """

    address: int
    mapping: Mapping | None
    timed: bool
    expected: int = 0
    lock: bool = False
    private: bool = False


def enter_futex(_observer: Observer, call: Call) -> bool:
    """Waits matter, since they may last; wake-ups only in memory that is shared."""
    command = call.signed(1) & abi_ipc.FUTEX_COMMAND
    address = call.args[0]
    mapping = mapping_at(call.task.proc, address)
    if command in abi_ipc.FUTEX_WAITS:
        lock = command in abi_ipc.FUTEX_PI
        call.note = _Word(
            address,
            mapping,
            call.args[3] != 0,
            call.unsigned(2),
            lock,
            bool(call.unsigned(1) & abi_ipc.FUTEX_PRIVATE),
        )
        return True
    call.note = _Word(address, mapping, timed=False)
    known = command in abi_ipc.FUTEX_WAKES or command in abi_ipc.FUTEX_REQUEUES
    return known and mapping is not None


def leave_futex(observer: Observer, call: Call) -> None:
    if call.signed(1) & abi_ipc.FUTEX_COMMAND in abi_ipc.FUTEX_WAITS:
        leave_wait(observer, call)
    else:
        leave_wake(observer, call)


def enter_wait(_observer: Observer, call: Call) -> bool:
    """futex_wait (Linux 6.7)."""
    mapping = mapping_at(call.task.proc, call.args[0])
    call.note = _Word(call.args[0], mapping, call.args[4] != 0, call.unsigned(1))
    return True


def enter_waitv(observer: Observer, call: Call) -> bool:
    """futex_waitv(2) waits for any of several words; the first one stands for all."""
    layout = abi_ipc.FUTEX_WAITV
    raw = observer.read(call.task, call.args[0], layout.size)
    expected, address = 0, 0
    if raw is not None and len(raw) == layout.size:
        expected, address, _flags, _reserved = layout.unpack(raw)
    mapping = mapping_at(call.task.proc, address)
    call.note = _Word(address, mapping, call.args[3] != 0, expected & 0xFFFFFFFF)
    return True


def leave_wait(observer: Observer, call: Call) -> None:
    """A wait that slept: woken, timed out or interrupted. EAGAIN means that it did not sleep."""
    word: _Word = call.note
    if not call.ok and call.result not in _SLEPT:
        return
    args: dict[str, Attribute] = {"timed": word.timed}
    if word.mapping is not None:
        args |= _place(observer, call.task, word)
        observer.emit(call, "sem.wait", object=word.mapping.object, args=args)
    elif observer.blocked_us(call) >= _SHORT_US:
        observer.emit(call, "time.wait", args=args)


def leave_wake(observer: Observer, call: Call) -> None:
    """A wake-up in shared memory; woken: how many slept there."""
    word: _Word = call.note
    if word.mapping is None:
        return
    args = _place(observer, call.task, word)
    if call.ok:
        args["woken"] = call.result
    observer.emit(call, "sem.post", object=word.mapping.object, args=args)


def _place(observer: Observer, task: Task, word: _Word) -> dict[str, Attribute]:
    """Where in the object the word lies, and what it holds now (a semaphore: its value)."""
    assert word.mapping is not None
    args: dict[str, Attribute] = {}
    if word.mapping.object.kind != "sem":
        args["offset"] = word.mapping.offset + word.address - word.mapping.start
    value = _value(observer, task, word.address)
    if value is not None:
        args["value"] = value
    return args


def _value(observer: Observer, task: Task, address: int) -> int | None:
    raw = observer.read(task, address, 4)
    return int.from_bytes(raw, "little") if raw is not None and len(raw) == 4 else None


# -- what a sleeper waits for -------------------------------------------------------------------


def blocked_futex(observer: Observer, call: Call) -> Blocked | None:
    word: _Word = call.note
    process = call.task.proc
    if word.mapping is None:
        helpers = (Holder(process=process.id),) if len(process.tasks) > 1 else ()
        needs = _private_needs(observer, call.task, word)
        private = word.private and not _catches(process)
        return Blocked(needs, helpers, timed=word.timed, private=private)
    found = word.mapping.object
    holders = tuple(
        Holder(process=other.id)
        for other in sharers(observer, found)
        if other is not process or len(process.tasks) > 1
    )
    needs = "a post" if found.kind == "sem" else _shared_needs(observer, call.task, word)
    inherited = found.attributes.get("anonymous") is True
    private = inherited and not any(map(_catches, (process, *sharers(observer, found))))
    return Blocked(needs, holders, found.id, timed=word.timed, private=private)


def _catches(process: Proc) -> bool:
    """Whether any signal has a handler, which may end a wait by what it does."""
    return bool(proc.caught_signals(process.pid) & abi_signal.ALL)


def _shared_needs(observer: Observer, task: Task, word: _Word) -> str:
    assert word.mapping is not None
    offset = word.mapping.offset + word.address - word.mapping.start
    value = _value(observer, task, word.address) or 0
    owner = _value(observer, task, word.address + _OWNER_AT) if value == _CONTENDED else value
    for process in sharers(observer, word.mapping.object):
        for other in process.tasks.values():
            if other.inner_tid == (owner or 0) & abi_ipc.FUTEX_TID_MASK:
                return f"the lock at offset {offset}, which {process.id} holds"
    return f"a post or unlock at offset {offset}"


def _private_needs(observer: Observer, task: Task, word: _Word) -> str:
    """By the habits of the C libraries: a lock is 2 with its owner beside it, a thread that is
    joined is its id. Only words for people: nothing is decided by them."""
    value = _value(observer, task, word.address) or 0
    if value == _CONTENDED:
        holder = _thread(task, _value(observer, task, word.address + _OWNER_AT) or 0)
        return f"a lock that {holder} holds" if holder else "a lock"
    other = _thread(task, value & abi_ipc.FUTEX_TID_MASK)
    if other is None:
        return "a wake-up by another thread"
    if word.lock or value & _WAITERS:
        return f"a lock that {other} holds"
    return f"the end of {other}"


def _thread(task: Task, inner_tid: int) -> str | None:
    for other in task.proc.tasks.values():
        if inner_tid and other.inner_tid == inner_tid:
            if other is task:
                return "this thread itself"
            return f"thread {other.index}" if other.index else "the main thread"
    return None


ROWS: dict[str, Row] = {
    "futex": Row(enter=enter_futex, leave=leave_futex, blocked=blocked_futex),
    "futex_wait": Row(enter=enter_wait, leave=leave_wait, blocked=blocked_futex),
    "futex_waitv": Row(enter=enter_waitv, leave=leave_wait, blocked=blocked_futex),
}
