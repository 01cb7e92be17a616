"""catch without a handler function: SIGINT stays blocked until sigwait takes it."""

import signal
import sys

if len(sys.argv) > 1:
    sys.exit(print("usage: catch", file=sys.stderr) or 2)
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.sigwait({signal.SIGINT})
except OSError as error:
    print(f"catch: sigwait: {error.strerror}", file=sys.stderr)
    sys.exit(1)
print("Catch SIGINT!")
