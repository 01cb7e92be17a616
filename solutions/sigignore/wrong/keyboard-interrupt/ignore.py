"""Takes the exception for the signal."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
try:
    signal.pause()
except KeyboardInterrupt:
    signal.pause()
