"""Polls its flag."""

import signal
import sys
import time

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
got = []
signal.signal(signal.SIGINT, lambda number, frame: got.append(number))
while not got:
    time.sleep(0.05)
print("Catch SIGINT!")
