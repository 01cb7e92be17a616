"""Owns the supervisor's own look at IPC objects: it lives in the tracees' IPC namespace, so it may
ask the kernel by the same calls. What is gone or not ours to see is None, never an exception."""

from __future__ import annotations

import ctypes
import errno
import os

import msgspec

from grader.kernel import abi_ipc, seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p
_libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_libc.shmdt.argtypes = (ctypes.c_void_p,)

_COLUMNS = {"msg": (3, 4), "shm": (3, 6), "sem": (3, 3)}
"""Columns of /proc/sysvipc that matter: bytes and messages, size and attachments, semaphores."""
_RESIDENT = 14
_FAILED_ATTACH = ctypes.c_void_p(-1).value


class Listed(msgspec.Struct, frozen=True):
    """One line of /proc/sysvipc (sysvipc(7)). size: bytes in a queue or of a segment, semaphores
    in a set. count: messages in the queue, attachments of the segment. resident: bytes of a segment
    that take memory."""

    key: int
    id: int
    mode: int
    size: int
    count: int
    resident: int = 0


def listed(kind: str) -> dict[int, Listed]:
    """All objects of a kind ("msg", "shm", "sem") by id. key is unsigned, as ftok(3) makes it."""
    size, count = _COLUMNS[kind]
    found: dict[int, Listed] = {}
    try:
        with open(f"/proc/sysvipc/{kind}", "rb") as table:
            lines = table.read().splitlines()[1:]
    except FileNotFoundError:  # a kernel without System V IPC
        return found
    for line in lines:
        fields = line.split()
        key, id, mode = int(fields[0]) & 0xFFFFFFFF, int(fields[1]), int(fields[2], 8)
        resident = int(fields[_RESIDENT]) if kind == "shm" else 0
        found[id] = Listed(key, id, mode, int(fields[size]), int(fields[count]), resident)
    return found


def find(kind: str, id: int) -> Listed | None:
    """One object; the same time for it however many there are. Without `resident`."""
    status = ctypes.create_string_buffer(abi_ipc.STATUS_BYTES)
    index, command = id & abi_ipc.IPC_INDEX, abi_ipc.STAT_ANY[kind]
    if kind == "sem":
        known = _libc.semctl(index, 0, command, status)
        places = [abi_ipc.SEM_COUNT_AT[seccomp.architecture()]] * 2
    else:
        known = (_libc.msgctl if kind == "msg" else _libc.shmctl)(index, command, status)
        places = [*abi_ipc.SIZE_AND_COUNT_AT[kind]]
    if known != id:
        return listed(kind).get(id)  # none, or the kernel counts otherwise
    key, _uid, _gid, _cuid, _cgid, mode = abi_ipc.IPC_PERMISSIONS.unpack_from(status)
    size, count = (int.from_bytes(status.raw[at : at + 8], "little") for at in places)
    return Listed(key & 0xFFFFFFFF, id, mode, size, count)


def exists(kind: str, key: int) -> bool:
    """Whether an object has this key now. Asks for no access, so permissions never matter."""
    signed = ctypes.c_int(key & 0xFFFFFFFF)
    if kind == "msg":
        return bool(_libc.msgget(signed, 0) >= 0)
    if kind == "shm":
        return bool(_libc.shmget(signed, ctypes.c_size_t(0), 0) >= 0)
    return bool(_libc.semget(signed, 0, 0) >= 0)


def semaphore_values(id: int, count: int) -> list[int] | None:
    """The values of a set at this moment (GETALL)."""
    values = (ctypes.c_ushort * max(1, count))()
    if _libc.semctl(id, 0, abi_ipc.GETALL, values) < 0:
        return None
    return list(values[:count])


def segment_content(id: int, size: int) -> bytes | None:
    """The first size bytes of a System V segment, by attaching it read-only for a moment."""
    address = _libc.shmat(id, None, abi_ipc.SHM_RDONLY)
    if address is None or address == _FAILED_ATTACH:
        return None
    try:
        return ctypes.string_at(address, size)
    finally:
        _libc.shmdt(address)


def queue_exists(name: bytes) -> bool:
    """Whether a POSIX queue has this name (as the system call takes it, without the slash)."""
    number = seccomp.number("mq_open")
    descriptor: int = _libc.syscall(
        ctypes.c_long(number or 0), ctypes.c_char_p(name), ctypes.c_int(os.O_RDONLY), 0, None
    )
    if descriptor >= 0:
        os.close(descriptor)
        return True
    return ctypes.get_errno() != errno.ENOENT
