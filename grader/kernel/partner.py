"""Owns the grader's own use of System V objects as a partner of the programs: svipc(7).

The supervisor lives in the run's IPC namespace. Nothing here ever blocks: what would is None (or
False), as is an object that is not there (yet); other failures are OSError.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Sequence

from grader.kernel import abi_ipc
from grader.kernel.abi_ipc import IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID

_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p
_libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_libc.shmdt.argtypes = (ctypes.c_void_p,)
_libc.shmget.argtypes = (ctypes.c_int, ctypes.c_size_t, ctypes.c_int)
_libc.msgsnd.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_libc.msgrcv.restype = ctypes.c_ssize_t
_libc.msgrcv.argtypes = (
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.c_long,
    ctypes.c_int,
)
_libc.semop.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)

_LONG = struct.Struct("=q")
_NOT_NOW = frozenset((errno.EAGAIN, errno.ENOMSG, errno.EIDRM))
"""No room, no message, no object any more: ask again later."""
_MOST_TEXT = 1 << 20


def _signed(key: int) -> ctypes.c_int:
    return ctypes.c_int(key & 0xFFFFFFFF)


def _checked(result: int, *, path: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return result


def _possible(result: int, *, path: str) -> bool:
    if result >= 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_NOW:
        return False
    raise OSError(number, os.strerror(number), path)


def find(kind: str, key: int) -> int | None:
    """The id of the object ("msg", "shm", "sem") with this key, None if there is none."""
    if kind == "msg":
        id = _libc.msgget(_signed(key), 0)
    elif kind == "shm":
        id = _libc.shmget(_signed(key), 0, 0)
    else:
        id = _libc.semget(_signed(key), 0, 0)
    return id if id >= 0 else None


def create(kind: str, key: int, mode: int, size: int = 0) -> int:
    """A new object and its id. size: bytes of a segment, semaphores of a set. OSError, EEXIST."""
    flags = IPC_CREAT | IPC_EXCL | mode
    if kind == "msg":
        return _checked(_libc.msgget(_signed(key), flags), path=f"msgget({key})")
    if kind == "shm":
        return _checked(_libc.shmget(_signed(key), size, flags), path=f"shmget({key})")
    return _checked(_libc.semget(_signed(key), size, flags), path=f"semget({key})")


def give(kind: str, id: int, owner: int) -> None:
    """Have this user and group own an object (IPC_SET). OSError."""
    control = {"msg": _libc.msgctl, "shm": _libc.shmctl, "sem": _libc.semctl}
    known = ctypes.create_string_buffer(abi_ipc.STATUS_BYTES)
    place = (id, 0) if kind == "sem" else (id,)
    _checked(control[kind](*place, abi_ipc.IPC_STAT, known), path=f"{kind}ctl({id})")
    key, _uid, _gid, *others = abi_ipc.IPC_PERMISSIONS.unpack_from(known)
    abi_ipc.IPC_PERMISSIONS.pack_into(known, 0, key, owner, owner, *others)
    _checked(control[kind](*place, abi_ipc.IPC_SET, known), path=f"{kind}ctl({id})")


def remove(kind: str, id: int) -> None:
    """IPC_RMID. OSError."""
    if kind == "msg":
        _checked(_libc.msgctl(id, IPC_RMID, None), path=f"msgctl({id})")
    elif kind == "shm":
        _checked(_libc.shmctl(id, IPC_RMID, None), path=f"shmctl({id})")
    else:
        _checked(_libc.semctl(id, 0, IPC_RMID), path=f"semctl({id})")


def send(id: int, type: int, text: bytes) -> bool:
    """One message, if there is room (msgsnd(2)). OSError: it could never be sent."""
    message = _LONG.pack(type) + text
    return _possible(_libc.msgsnd(id, message, len(text), IPC_NOWAIT), path=f"msgsnd({id})")


def receive(id: int, type: int) -> bytes | None:
    """The text of the first message of this type, if there is one (msgrcv(2))."""
    buffer = ctypes.create_string_buffer(_LONG.size + _MOST_TEXT)
    got = _libc.msgrcv(id, buffer, _MOST_TEXT, type, IPC_NOWAIT)
    return buffer.raw[_LONG.size : _LONG.size + got] if _possible(got, path="msgrcv") else None


def read(id: int, offset: int, size: int) -> bytes:
    """Bytes of a segment, attached for this moment only. OSError."""
    address = _attach(id, abi_ipc.SHM_RDONLY)
    try:
        return ctypes.string_at(address + offset, size)
    finally:
        _libc.shmdt(address)


def write(id: int, offset: int, data: bytes) -> None:
    """Store bytes into a segment, attached for this moment only. OSError. They must fit."""
    address = _attach(id, 0)
    try:
        ctypes.memmove(address + offset, data, len(data))
    finally:
        _libc.shmdt(address)


def _attach(id: int, flags: int) -> int:
    address: int | None = _libc.shmat(id, None, flags)
    if address is None or address == ctypes.c_void_p(-1).value:
        _checked(-1, path=f"shmat({id})")
    return address or 0


def operate(id: int, operations: Sequence[tuple[int, int]]) -> bool:
    """(semaphore, change) together, if all are possible (semop(2)). OSError: they never are."""
    packed = b"".join(abi_ipc.SEMBUF.pack(n, change, IPC_NOWAIT) for n, change in operations)
    return _possible(_libc.semop(id, packed, len(operations)), path=f"semop({id})")


def set_values(id: int, values: Sequence[int]) -> None:
    """SETALL. OSError."""
    array = (ctypes.c_ushort * max(1, len(values)))(*values)
    _checked(_libc.semctl(id, 0, abi_ipc.SETALL, array), path=f"semctl({id})")
