"""tally PATH N: adds 1 to the number in the file, N times, each time under a lock."""

import fcntl
import os
import sys


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"tally: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def value(fd):
    """The number in the file; an empty file counts as 0."""
    return int(call(os.pread, fd, 100, 0) or b"0")


def replace(fd, number):
    # Nobody who takes the lock can see the file while it is empty.
    call(os.ftruncate, fd, 0)
    call(os.pwrite, fd, b"%d\n" % number, 0)


def main(arguments):
    if len(arguments) != 2 or not (arguments[1].isascii() and arguments[1].isdigit()):
        print("usage: tally PATH N", file=sys.stderr)
        return 2
    path, rounds = arguments[0], int(arguments[1])
    fd = call(os.open, path, os.O_RDWR | os.O_CREAT, 0o666)
    if rounds == 0:
        call(fcntl.flock, fd, fcntl.LOCK_SH)
        number = value(fd)
    for _ in range(rounds):
        call(fcntl.flock, fd, fcntl.LOCK_EX)
        number = value(fd) + 1
        replace(fd, number)
        call(fcntl.flock, fd, fcntl.LOCK_UN)
    call(os.close, fd)
    call(os.write, 1, b"%d\n" % number)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
