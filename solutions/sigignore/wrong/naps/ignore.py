"""Sleeps instead of waiting."""

import signal
import sys
import time

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    time.sleep(1)
