"""Leaves politely."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
while True:
    signal.pause()
