"""Opens the file and empties it."""

import fcntl
import os
import sys

if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
    print("usage: tally PATH N", file=sys.stderr)
    sys.exit(2)
rounds = int(sys.argv[2])
try:
    fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
except OSError as error:
    print(f"tally: open: {error.strerror}", file=sys.stderr)
    sys.exit(1)


def value():
    return int(os.pread(fd, 100, 0) or 0)


def replace(number):
    os.ftruncate(fd, 0)
    os.pwrite(fd, b"%d\n" % number, 0)


number = value()
for _ in range(rounds):
    fcntl.flock(fd, fcntl.LOCK_EX)
    number = value() + 1
    replace(number)
    fcntl.flock(fd, fcntl.LOCK_UN)
print(number)
