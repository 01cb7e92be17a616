"""Leaves the handler to the interpreter."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
try:
    signal.pause()
except KeyboardInterrupt:
    print("Catch SIGINT!")
