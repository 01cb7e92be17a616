"""Keeps a diary."""

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
    with open("copy.log", "w") as diary:
        print(number, file=diary)
    print("child:", 2 * number, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print("parent:", number)
