"""Forks once too often."""

import os
import sys


try:
    [text] = sys.argv[1:]
    number = int(text)
except ValueError:
    print("usage: copy N", file=sys.stderr)
    sys.exit(2)
extra = os.fork()
if extra == 0:
    os._exit(0)
os.waitpid(extra, 0)
pid = os.fork()
if pid == 0:
    os.write(1, b"child: %d\n" % (2 * number))
    os._exit(0)
os.waitpid(pid, 0)
os.write(1, b"parent: %d\n" % number)
