"""Lets another program double."""

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
    os.execv("/bin/sh", ["sh", "-c", 'echo "child: $((2 * $1))"', "sh", str(number)])
os.waitpid(pid, 0)
print("parent:", number)
