"""Owns asking CPython processes which line each of their threads is at: `py-spy dump`, which only
reads their memory. Whatever goes wrong there, nothing is known: never a guess."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

import msgspec

from grader.kernel import abi, libc

_LONGEST = 2.0
"""Seconds for all of them; each takes 30 ms."""
_MOST_OUTPUT = 1 << 20
_MEMORY = 1 << 30
_PR_CAP_AMBIENT_RAISE = 2  # include/uapi/linux/prctl.h
_CAP_SYS_PTRACE = 19  # include/uapi/linux/capability.h
_CAPABILITY_VERSION = 0x20080522


class Frame(msgspec.Struct, frozen=True):
    """One Python frame."""

    name: str
    filename: str
    line: int


class Thread(msgspec.Struct, frozen=True):
    """One Python thread, innermost frame first. os_thread_id: as its own PID namespace has it."""

    frames: list[Frame]
    os_thread_id: int | None = None


_decoder = msgspec.json.Decoder(list[Thread])


@cache
def path() -> str | None:
    """Where py-spy lies, None where it is not installed. A caller that asks before it forks
    supervisors has it found once for all of them."""
    folders = (os.path.dirname(sys.executable), *os.get_exec_path())
    names = (f"{folder}/py-spy" for folder in folders)
    return next((name for name in names if os.access(name, os.X_OK)), None)


def find() -> int | None:
    """py-spy, opened; None where it is not installed. To be asked while the caller may still read
    its own environment."""
    found = path()
    return os.open(found, os.O_PATH | os.O_CLOEXEC) if found is not None else None


def dump(program: int, pids: Sequence[int]) -> dict[int, list[Thread]]:
    """The threads of CPython processes, by PID; a process that could not be read is missing.

    program: from `find`. pids: as the PID namespace of the caller's children numbers them. To be
    called in the caller's own user namespace, when nothing else waits for children.
    """
    foreign = os.readlink("/proc/self/ns/pid") != os.readlink("/proc/self/ns/pid_for_children")
    children: dict[int, tuple[int, int]] = {}
    for pid in pids:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            _become(program, pid, theirs, new_proc=foreign)
        os.close(theirs)
        children[ours] = pid, child
    outputs = _collect(list(children))
    found: dict[int, list[Thread]] = {}
    for ours, (pid, child) in children.items():
        os.close(ours)
        os.kill(child, signal.SIGKILL)  # one that is done has nothing more to say
        os.waitpid(child, 0)
        with contextlib.suppress(msgspec.DecodeError):
            found[pid] = _decoder.decode(outputs[ours])
    return found


def _collect(descriptors: list[int]) -> dict[int, bytes]:
    """What comes out of them until they end, or the time does."""
    outputs = {descriptor: bytearray() for descriptor in descriptors}
    waiting = set(descriptors)
    until = time.monotonic() + _LONGEST
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    while waiting:
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        if not ready:
            break
        for descriptor, _events in ready:
            data = os.read(descriptor, 65536)
            outputs[descriptor] += data
            if not data or len(outputs[descriptor]) > _MOST_OUTPUT:
                poll.unregister(descriptor)
                waiting.discard(descriptor)
    return {descriptor: bytes(output) for descriptor, output in outputs.items()}


def _become(program: int, pid: int, output: int, *, new_proc: bool) -> NoReturn:
    """The child: its PID namespace's own /proc, no more privileges than reading asks for, exec."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for target, descriptor in enumerate((nothing, output, nothing)):
            os.dup2(descriptor, target)
        with contextlib.suppress(OSError):  # the run itself is bound to one CPU
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
        if new_proc and not _mount_proc():
            os._exit(126)
        _keep_only_ptrace()
        for kind, most in (
            (resource.RLIMIT_CPU, 2),
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(kind, (most, most))
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        arguments = ["py-spy", "dump", "--nonblocking", "--json", "--pid", str(pid)]
        os.execve(program, arguments, {})
    except OSError:
        pass  # no output: nothing is known
    finally:
        os._exit(127)


def _mount_proc() -> bool:
    """A /proc that numbers processes as this process's own PID namespace does."""
    flags = abi.MS_NOSUID | abi.MS_NODEV | abi.MS_NOEXEC
    return (
        libc.unshare(abi.CLONE_NEWNS) == 0
        and libc.mount("none", "/", None, abi.MS_REC | abi.MS_PRIVATE) == 0
        and libc.mount("proc", "/proc", "proc", flags) == 0
    )


def _keep_only_ptrace() -> None:
    """CAP_SYS_PTRACE inside the user namespace survives the exec: where Yama forbids to read
    another process's memory (ptrace_scope 1), it allows it."""
    bit = 1 << _CAP_SYS_PTRACE
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    libc.raw("capset", header, struct.pack("=6I", bit, bit, bit, 0, 0, 0))
    libc.prctl(abi.PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_SYS_PTRACE)
