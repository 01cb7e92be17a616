"""Gives the child half a second."""

import os
import sys
import time

try:
    [text] = sys.argv[1:]
    number = int(text)
except ValueError:
    print("usage: copy N", file=sys.stderr)
    sys.exit(2)
pid = os.fork()
if pid == 0:
    os.write(1, b"child: %d\n" % (2 * number))
    os._exit(0)
time.sleep(0.5)
os.write(1, b"parent: %d\n" % number)
os.waitpid(pid, 0)
