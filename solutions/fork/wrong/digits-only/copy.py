"""Knows no negative numbers."""

import os
import sys

if len(sys.argv) != 2 or not sys.argv[1].isdigit():
    print("usage: copy N", file=sys.stderr)
    sys.exit(2)
number = int(sys.argv[1])
if os.fork() == 0:
    print("child:", 2 * number)
    sys.exit(0)
os.wait()
print("parent:", number)
