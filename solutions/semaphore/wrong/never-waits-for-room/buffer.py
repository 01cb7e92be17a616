"""buffer init|produce|consume|destroy KEY [COUNT]: a bounded buffer in shared memory."""

import ctypes
import os
import struct
import sys

import sysv_ipc

SLOTS = 8
NUMBER = struct.Struct("<q")
SIZE = (2 + SLOTS) * NUMBER.size
FILL, TAKE, FIRST_SLOT = 0, 1, 2  # places in the segment
FREE, FILLED = 0, 1  # semaphores

libc = ctypes.CDLL(None, use_errno=True)
IPC_CREAT, IPC_RMID, SETVAL = 0o1000, 0, 16


class Operation(ctypes.Structure):
    _fields_ = (("number", ctypes.c_ushort), ("change", ctypes.c_short), ("flags", ctypes.c_short))


def checked(result: int) -> int:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def semget(key: int, count: int, flags: int) -> int:
    """The id of the semaphore set KEY; flags as in C (IPC_CREAT | 0o600). OSError."""
    return checked(libc.semget(key, count, flags))


def semop(id: int, number: int, change: int) -> None:
    """Add to one semaphore of the set; waits while it would become negative. OSError."""
    operation = Operation(number, change, 0)
    checked(libc.semop(id, ctypes.byref(operation), ctypes.c_size_t(1)))


def semctl(id: int, number: int, command: int, value: int = 0) -> int:
    """SETVAL (one semaphore, to the value) or IPC_RMID (the whole set). OSError."""
    return checked(libc.semctl(id, number, command, value))


class Failure(Exception):
    """A system call failed."""


def attempt(call, function, *arguments):
    """The result of a system call; Failure that names it."""
    try:
        return function(*arguments)
    except (OSError, sysv_ipc.Error, ValueError) as error:
        raise Failure(f"{call}: {error}") from error


class Buffer:
    """The segment as a list of numbers, and the set."""

    def __init__(self, key, flags=0):
        if flags:
            self.segment = attempt("shmget", sysv_ipc.SharedMemory, key, flags, 0o600, SIZE)
            flags |= 0o600
        else:
            self.segment = attempt("shmget", sysv_ipc.SharedMemory, key)
        self.set = attempt("semget", semget, key, 2, flags)

    def __getitem__(self, place):
        return NUMBER.unpack(self.segment.read(NUMBER.size, place * NUMBER.size))[0]

    def __setitem__(self, place, value):
        self.segment.write(NUMBER.pack(value), place * NUMBER.size)

    def wait(self, number):
        attempt("semop", semop, self.set, number, -1)

    def post(self, number):
        attempt("semop", semop, self.set, number, 1)


def init(key):
    buffer = Buffer(key, IPC_CREAT)
    for place in range(FIRST_SLOT + SLOTS):
        buffer[place] = 0
    attempt("semctl", semctl, buffer.set, FREE, SETVAL, SLOTS)
    attempt("semctl", semctl, buffer.set, FILLED, SETVAL, 0)


def produce(key, count):
    buffer = Buffer(key)
    for value in range(1, count + 1):
        slot = buffer[FILL]
        buffer[FIRST_SLOT + slot] = value
        buffer[FILL] = (slot + 1) % SLOTS
    for _ in range(count):
        buffer.post(FILLED)


def consume(key, count):
    buffer = Buffer(key)
    for _ in range(count):
        buffer.wait(FILLED)
        slot = buffer[TAKE]
        value = buffer[FIRST_SLOT + slot]
        buffer[TAKE] = (slot + 1) % SLOTS
        buffer.post(FREE)
        print(value, flush=True)


def destroy(key):
    buffer = Buffer(key)
    attempt("shmctl", buffer.segment.remove)
    attempt("semctl", semctl, buffer.set, 0, IPC_RMID)


COMMANDS = {
    "init": (init, 1),
    "produce": (produce, 2),
    "consume": (consume, 2),
    "destroy": (destroy, 1),
}


def main(arguments):
    command, *numbers = arguments or [""]
    run, wanted = COMMANDS.get(command, (None, None))
    if len(numbers) != wanted or not all(n.isascii() and n.isdigit() for n in numbers):
        print("usage: buffer init|produce|consume|destroy KEY [COUNT]", file=sys.stderr)
        return 2
    try:
        run(*map(int, numbers))
    except Failure as failure:
        print(f"buffer: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
