"""Exits like a shell would say it."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
number = signal.sigwait({signal.SIGINT})
print("Catch SIGINT!", flush=True)
sys.exit(128 + number)
