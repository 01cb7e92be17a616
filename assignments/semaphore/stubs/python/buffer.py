"""buffer init|produce|consume|destroy KEY [COUNT]: a bounded buffer in shared memory.

When it is done, `python3 buffer.py consume 1234 3` prints what
`python3 buffer.py produce 1234 3` puts in, after `python3 buffer.py init 1234`.
"""

import ctypes
import os
import sys

SLOTS = 8
SIZE = 80
FREE, FILLED = 0, 1  # the two semaphores

# -- semaphore sets, as the C library has them: nothing to do here ------------------------------

_libc = ctypes.CDLL(None, use_errno=True)
IPC_CREAT, IPC_RMID, SETVAL = 0o1000, 0, 16


class _Operation(ctypes.Structure):
    _fields_ = (("number", ctypes.c_ushort), ("change", ctypes.c_short), ("flags", ctypes.c_short))


def _checked(result: int) -> int:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def semget(key: int, count: int, flags: int) -> int:
    """The id of the semaphore set KEY; flags as in C (IPC_CREAT | 0o600). OSError."""
    return _checked(_libc.semget(key, count, flags))


def semop(id: int, number: int, change: int) -> None:
    """Add to one semaphore of the set; waits while it would become negative. OSError."""
    operation = _Operation(number, change, 0)
    _checked(_libc.semop(id, ctypes.byref(operation), ctypes.c_size_t(1)))


def semctl(id: int, number: int, command: int, value: int = 0) -> int:
    """SETVAL (one semaphore, to the value) or IPC_RMID (the whole set). OSError."""
    return _checked(_libc.semctl(id, number, command, value))


# -- the program --------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    command, *numbers = arguments or [""]
    wanted = {"init": 1, "produce": 2, "consume": 2, "destroy": 1}.get(command)
    if len(numbers) != wanted or not all(n.isascii() and n.isdigit() for n in numbers):
        print("usage: buffer init|produce|consume|destroy KEY [COUNT]", file=sys.stderr)
        return 2
    key, *count = map(int, numbers)

    # Write here what the program does:
    # 1. init: make the segment (sysv_ipc.SharedMemory) and the set, give both their first values.
    # 2. produce: for each value wait for a free slot, fill it, move on, say that it is filled.
    # 3. consume: the same the other way round; print and flush.
    # 4. destroy: remove both.
    # 5. Take away the next two lines and return 0.
    print(f"buffer: no {command} {key} {count} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
