"""Owns one started program: its standard streams as the supervisor holds them."""

from __future__ import annotations

import contextlib
import fcntl
import os

import msgspec

from grader.course.steps import Start
from grader.kernel.abi import F_SETPIPE_SZ
from grader.kernel.tracee import Proc
from grader.run.capture import Capture

_PIPE_BYTES = 1 << 20
"""The kernel's usual upper bound for an unprivileged pipe (pipe(7))."""


class Actor(msgspec.Struct, eq=False):
    """name: as steps call it; process_id: its place in the family tree ("main").

    stdin: our write end, None once closed; unsent: what is still to be written to it.
    """

    name: str
    process_id: str
    step: Start
    argv: tuple[str, ...]
    stdin: int | None
    outputs: dict[int, Capture] = msgspec.field(default_factory=dict)
    stdout: Capture = msgspec.field(default_factory=lambda: Capture(0))
    stderr: Capture = msgspec.field(default_factory=lambda: Capture(0))
    unsent: bytearray = msgspec.field(default_factory=bytearray)
    close_when_sent: bool = True
    complaints: list[int] = msgspec.field(default_factory=list)
    """Our end of the pipe in which its set-up complains; empty once that has ended."""
    process: Proc | None = None
    inodes: dict[str, int] = msgspec.field(default_factory=dict)
    """Inode of the pipe behind each standard stream."""
    expected: dict[str, int] = msgspec.field(default_factory=lambda: {"stdout": 0, "stderr": 0})
    """How far into each output the scenario's expectations have come."""

    @property
    def exited(self) -> bool:
        return self.process is not None and not self.process.alive


def create(
    step: Start, process_id: str, argv: tuple[str, ...], limit: int, *, stdin_open: bool
) -> tuple[Actor, list[int]]:
    """An actor with its pipes, and the four descriptors that its process is to get: stdin,
    stdout, stderr, and where its set-up complains. stdin_open: later steps will write to it."""
    in_read, in_write = os.pipe2(os.O_CLOEXEC)
    out_read, out_write = os.pipe2(os.O_CLOEXEC)
    err_read, err_write = os.pipe2(os.O_CLOEXEC)
    complain_read, complain_write = os.pipe2(os.O_CLOEXEC)
    for descriptor in (in_write, out_read, err_read, complain_read):
        os.set_blocking(descriptor, False)
    for descriptor in (out_read, err_read):
        with contextlib.suppress(PermissionError):  # beyond the user's quota 64 KiB serve as well
            fcntl.fcntl(descriptor, F_SETPIPE_SZ, _PIPE_BYTES)
    stdout, stderr = Capture(limit), Capture(limit)
    actor = Actor(
        name=step.actor,
        process_id=process_id,
        step=step,
        argv=argv,
        stdin=in_write,
        outputs={out_read: stdout, err_read: stderr},
        stdout=stdout,
        stderr=stderr,
        close_when_sent=not stdin_open,
        unsent=bytearray((step.stdin or "").encode()),
        complaints=[complain_read],
        inodes={
            "stdin": os.fstat(in_read).st_ino,
            "stdout": os.fstat(out_read).st_ino,
            "stderr": os.fstat(err_read).st_ino,
        },
    )
    return actor, [in_read, out_write, err_write, complain_write]
