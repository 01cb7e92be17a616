"""Cannot keep quiet."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("Ignoring SIGINT", flush=True)
while True:
    signal.pause()
