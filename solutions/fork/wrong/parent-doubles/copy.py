"""The child has nothing to do."""

import os
import sys


try:
    [text] = sys.argv[1:]
    number = int(text)
except ValueError:
    print("usage: copy N", file=sys.stderr)
    sys.exit(2)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
print("child:", 2 * number)
print("parent:", number)
