"""buffer init|produce|consume|destroy KEY [COUNT]: the C library's own calls, the segment as an
array of C integers, SETALL for the first values."""

import ctypes as c
import os
import sys

libc = c.CDLL(None, use_errno=True)
libc.shmat.restype = c.c_void_p
Numbers = c.c_int64 * 10
CREATE, REMOVE, SETALL = 0o1600, 0, 17


def call(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result in (-1, 2**64 - 1):
        os.write(2, f"buffer: {name}: {os.strerror(c.get_errno())}\n".encode())
        sys.exit(1)
    return result


def post_or_wait(set, number, change):
    call("semop", set, (c.c_short * 3)(number, change, 0), c.c_size_t(1))


def numbers(segment):
    return Numbers.from_address(call("shmat", segment, None, 0))


def put(set, at, count):
    for value in range(count):
        post_or_wait(set, 0, -1)
        at[2 + at[0]], at[0] = value + 1, -~at[0] % 8
        post_or_wait(set, 1, 1)


def take(set, at, count):
    for _ in range(count):
        post_or_wait(set, 1, -1)
        os.write(1, b"%d\n" % at[2 + at[1]])
        at[1] = -~at[1] % 8
        post_or_wait(set, 0, 1)


def main():
    match sys.argv[1:]:
        case ["init" | "destroy" as what, key] if key.isdecimal():
            count = 0
        case ["produce" | "consume" as what, key, count] if (key + count).isdecimal() and count:
            count = int(count)
        case _:
            os.write(2, b"buffer (init|destroy) KEY, buffer (produce|consume) KEY COUNT\n")
            sys.exit(2)
    flags = CREATE if what == "init" else 0
    set = call("semget", int(key), 2, flags)
    segment = call("shmget", int(key), c.c_size_t(80), flags)
    match what:
        case "init":
            c.memset(c.addressof(numbers(segment)), 0, 80)
            call("semctl", set, 0, SETALL, (c.c_ushort * 2)(8, 0))
        case "produce":
            put(set, numbers(segment), count)
        case "consume":
            take(set, numbers(segment), count)
        case "destroy":
            call("shmctl", segment, REMOVE, None)
            call("semctl", set, 0, REMOVE)


main()
