"""The handler written in Python writes the byte that a read waits for."""

import os
import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
ours, theirs = os.pipe()
signal.signal(signal.SIGINT, lambda number, frame: os.write(theirs, b"!"))
os.read(ours, 1)
print("Catch SIGINT!")
