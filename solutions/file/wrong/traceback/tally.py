"""Lets exceptions go where they will."""

import fcntl
import os
import sys

if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
    print("usage: tally PATH N", file=sys.stderr)
    sys.exit(2)
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o666)
number = int(os.pread(fd, 100, 0) or 0)
for _ in range(int(sys.argv[2])):
    fcntl.flock(fd, fcntl.LOCK_EX)
    number = int(os.pread(fd, 100, 0) or 0) + 1
    os.ftruncate(fd, 0)
    os.pwrite(fd, b"%d\n" % number, 0)
    fcntl.flock(fd, fcntl.LOCK_UN)
print(number)
