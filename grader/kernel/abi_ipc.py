"""Owns the constants and layouts of System V IPC, POSIX queues, mappings and futexes. Data only.

But for one of them, the fields that are named here lie alike on the two architectures.
"""

from __future__ import annotations

import os
import struct

# include/uapi/linux/ipc.h
IPC_PRIVATE = 0
IPC_CREAT, IPC_EXCL, IPC_NOWAIT = 0o1000, 0o2000, 0o4000
IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO = 0, 1, 2, 3
IPC_64 = 0x0100
"""Added to a command by old C libraries; means nothing on 64-bit machines."""
GET_FLAGS = {IPC_CREAT: "IPC_CREAT", IPC_EXCL: "IPC_EXCL"}
IPC_COMMANDS = {
    IPC_RMID: "IPC_RMID",
    IPC_SET: "IPC_SET",
    IPC_STAT: "IPC_STAT",
    IPC_INFO: "IPC_INFO",
}
IPC_PERMISSIONS = struct.Struct("=i5I")
"""struct ipc64_perm (asm-generic/ipcbuf.h): key, uid, gid, cuid, cgid, mode. 48 bytes in all."""

# include/uapi/linux/msg.h
MSG_NOERROR, MSG_EXCEPT, MSG_COPY = 0o10000, 0o20000, 0o40000
MSG_FLAGS = {
    IPC_NOWAIT: "IPC_NOWAIT",
    MSG_NOERROR: "MSG_NOERROR",
    MSG_EXCEPT: "MSG_EXCEPT",
    MSG_COPY: "MSG_COPY",
}
MSG_COMMANDS = IPC_COMMANDS | {11: "MSG_STAT", 12: "MSG_INFO", 13: "MSG_STAT_ANY"}
MSG_STATUS = struct.Struct("=3Q")
"""msg_cbytes, msg_qnum, msg_qbytes, from MSG_STATUS_AT in struct msqid64_ds (msgbuf.h)."""
MSG_STATUS_AT = 72

# include/uapi/linux/shm.h
SHM_RDONLY = 0o10000
SHM_FLAGS = {
    SHM_RDONLY: "SHM_RDONLY",
    0o20000: "SHM_RND",
    0o40000: "SHM_REMAP",
    0o100000: "SHM_EXEC",
}
SHM_GET_FLAGS = GET_FLAGS | {0o4000: "SHM_HUGETLB", 0o10000: "SHM_NORESERVE"}
SHM_COMMANDS = IPC_COMMANDS | {
    11: "SHM_LOCK",
    12: "SHM_UNLOCK",
    13: "SHM_STAT",
    14: "SHM_INFO",
    15: "SHM_STAT_ANY",
}
SHM_SIZE_AT, SHM_ATTACHED_AT = 48, 88
"""shm_segsz and shm_nattch (8 bytes each) in struct shmid64_ds (asm-generic/shmbuf.h)."""

# include/uapi/linux/sem.h
SEM_UNDO = 0x1000
SEMBUF = struct.Struct("=Hhh")
"""struct sembuf: sem_num, sem_op, sem_flg."""
SEM_MOST_OPERATIONS = 500
GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL = 11, 12, 13, 14, 15, 16, 17
SEM_COMMANDS = IPC_COMMANDS | {
    GETPID: "GETPID",
    GETVAL: "GETVAL",
    GETALL: "GETALL",
    GETNCNT: "GETNCNT",
    GETZCNT: "GETZCNT",
    SETVAL: "SETVAL",
    SETALL: "SETALL",
    18: "SEM_STAT",
    19: "SEM_INFO",
    20: "SEM_STAT_ANY",
}

IPC_BY_INDEX = {
    "msg": frozenset((IPC_INFO, 11, 12, 13)),
    "shm": frozenset((IPC_INFO, 13, 14, 15)),
    "sem": frozenset((IPC_INFO, 18, 19, 20)),
}
"""Commands whose first argument is an index into the kernel's table, or nothing, and no id."""

STAT_ANY = {"msg": 13, "shm": 15, "sem": 20}
"""The command that asks by index (Linux 4.17); needs no access and returns the id."""
IPC_INDEX = 0x7FFF
"""The bits of an id that are its index, but with the kernel's parameter ipcmni_extend."""
SIZE_AND_COUNT_AT = {
    "msg": (MSG_STATUS_AT, MSG_STATUS_AT + 8),
    "shm": (SHM_SIZE_AT, SHM_ATTACHED_AT),
}
"""Where the 8 bytes of each stand in what it fills in."""
SEM_COUNT_AT = {"x86_64": 80, "aarch64": 64}
"""sem_nsems (8 bytes) in struct semid64_ds (asm/sembuf.h)."""
STATUS_BYTES = 256
"""More than any of struct msqid64_ds, shmid64_ds, semid64_ds."""

# include/uapi/linux/mqueue.h
MQ_ATTR = struct.Struct("=4q")
"""struct mq_attr: mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs (and four reserved words)."""
SIGEVENT = struct.Struct("=Qii")
"""struct sigevent (asm-generic/siginfo.h): sigev_value, sigev_signo, sigev_notify."""
SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD = 0, 1, 2

# include/uapi/asm-generic/fcntl.h, as far as it concerns objects with names
O_CREAT, O_EXCL, O_NONBLOCK = 0o100, 0o200, 0o4000
O_ACCMODE = 3
ACCESS = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")
OPEN_FLAGS = {
    O_CREAT: "O_CREAT",
    O_EXCL: "O_EXCL",
    0o1000: "O_TRUNC",
    O_NONBLOCK: "O_NONBLOCK",
    os.O_NOFOLLOW: "O_NOFOLLOW",  # another bit on each architecture
    0o2000000: "O_CLOEXEC",
}

# include/uapi/linux/memfd.h
MEMFD_FLAGS = {1: "MFD_CLOEXEC", 2: "MFD_ALLOW_SEALING", 4: "MFD_HUGETLB"}
# include/linux/eventfd.h
EVENTFD_FLAGS = {1: "EFD_SEMAPHORE", O_NONBLOCK: "EFD_NONBLOCK", 0o2000000: "EFD_CLOEXEC"}

# include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h
PROT_READ, PROT_WRITE = 1, 2
MAP_SHARED, MAP_ANONYMOUS = 1, 0x20
"""MAP_SHARED_VALIDATE is 3: the same bit, which MAP_PRIVATE (2) lacks."""

# include/uapi/linux/futex.h
FUTEX_PRIVATE = 128
FUTEX_COMMAND = 0x7F
FUTEX_WAIT, FUTEX_WAKE, FUTEX_LOCK_PI, FUTEX_WAKE_OP = 0, 1, 6, 5
FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2 = 9, 10, 11, 13
FUTEX_UNLOCK_PI = 7
FUTEX_REQUEUES = frozenset((3, 4, 12))
FUTEX_WAITS = frozenset(
    (FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2)
)
FUTEX_WAKES = frozenset((FUTEX_WAKE, FUTEX_WAKE_OP, FUTEX_WAKE_BITSET, FUTEX_UNLOCK_PI))
FUTEX_PI = frozenset((FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_WAIT_REQUEUE_PI))
FUTEX_TID_MASK = 0x3FFFFFFF
FUTEX_WAITV = struct.Struct("=QQII")
"""struct futex_waitv: val, uaddr, flags, reserved."""
