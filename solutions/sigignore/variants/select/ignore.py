"""ignore that waits in select for no descriptor at all."""

import select
import signal
import sys

if len(sys.argv) > 1:
    sys.stderr.write("usage: ignore\n")
    sys.exit(2)
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    select.select([], [], [])
