"""ignore that waits for an event which nobody sets."""

import signal
import sys
import threading

if sys.argv[1:]:
    sys.exit(print("usage: ignore", file=sys.stderr) or 2)
signal.signal(signal.SIGINT, signal.SIG_IGN)
threading.Event().wait()
