"""Blocks SIGINT instead of ignoring it."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
while True:
    signal.pause()
