"""Owns kernel constants and layouts of signals, each with the header it comes from. Data only."""

from __future__ import annotations

import struct

# include/uapi/asm-generic/signal-defs.h
SIG_DFL, SIG_IGN = 0, 1
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
SA_RESTART = 0x10000000
SA_RESETHAND = 0x80000000
SA_RESTORER = 0x04000000
SA_FLAGS = {
    0x00000001: "SA_NOCLDSTOP",
    0x00000002: "SA_NOCLDWAIT",
    0x00000004: "SA_SIGINFO",
    0x08000000: "SA_ONSTACK",
    SA_RESTART: "SA_RESTART",
    0x40000000: "SA_NODEFER",
    SA_RESETHAND: "SA_RESETHAND",
}

SIGACTION = struct.Struct("=QQQQ")
"""struct sigaction as the kernel takes it on both architectures: handler, flags, restorer, mask."""
STACK = struct.Struct("=Qi4xQ")
"""stack_t (include/uapi/asm-generic/signal.h): ss_sp, ss_flags, ss_size."""
SS_DISABLE = 2

LIBC_SIGNALS = frozenset((32, 33))
"""What the C libraries keep for themselves (SIGCANCEL, SIGSETXID; musl: SIGTIMER, SIGCANCEL)."""
ALL = 0xFFFFFFFE7FFFFFFF
"""A mask of every signal but those."""
UNBLOCKABLE = 1 << 8 | 1 << 18
"""SIGKILL and SIGSTOP, which the kernel takes out of every mask."""
