"""Owns the system-call table: every call we observe, from the decoder families."""

from __future__ import annotations

from grader.kernel.decode import (
    descriptors,
    files,
    futex,
    io,
    locks,
    mapping,
    mq,
    msg,
    names,
    process,
    sem,
    shm,
    signals,
    socket_messages,
    sockets,
    timers,
    transfers,
    waits,
)
from grader.kernel.rows import Row, merged, nothing

TABLE: dict[str, Row] = {
    **merged(
        process.ROWS,
        descriptors.ROWS,
        io.ROWS,
        transfers.ROWS,
        mapping.ROWS,
        msg.ROWS,
        shm.ROWS,
        sem.ROWS,
        mq.ROWS,
        futex.ROWS,
        files.ROWS,
        names.ROWS,
        locks.ROWS,
        signals.ROWS,
        sockets.ROWS,
        socket_messages.ROWS,
        timers.ROWS,
        waits.ROWS,
    ),
    "rt_sigreturn": Row(enter=lambda _observer, _call: False, leave=nothing),
    "restart_syscall": Row(enter=lambda _observer, _call: False, leave=nothing),
}
