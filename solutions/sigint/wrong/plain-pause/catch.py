"""Believes that a Python handler runs as soon as the signal comes."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)


def catch(number, frame):
    print("Catch SIGINT!", flush=True)
    sys.exit(0)


signal.signal(signal.SIGINT, catch)
while True:
    signal.pause()
