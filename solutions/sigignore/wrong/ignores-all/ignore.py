"""Ignores everything."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: ignore", file=sys.stderr)
    sys.exit(2)
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    if number < 32:
        signal.signal(number, signal.SIG_IGN)
while True:
    signal.pause()
