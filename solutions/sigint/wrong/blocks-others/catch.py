"""Wants to be left alone by all other signals."""

import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGCHLD})
signal.sigwait({signal.SIGINT})
print("Catch SIGINT!")
