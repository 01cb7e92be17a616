"""Waits in a loop."""

import os
import sys


try:
    [text] = sys.argv[1:]
    number = int(text)
except ValueError:
    print("usage: copy N", file=sys.stderr)
    sys.exit(2)
gate, release = os.pipe()
pid = os.fork()
if pid == 0:
    os.read(gate, 1)  # so that it is worth waiting for
    print("child:", 2 * number, flush=True)
    os._exit(0)
rounds = 0
while os.waitpid(pid, os.WNOHANG) == (0, 0):
    rounds += 1
    if rounds == 200:
        os.write(release, b"!")
print("parent:", number)
