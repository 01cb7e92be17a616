"""Installs its handler first and thinks of the rest later."""

import os
import select
import signal
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)


def catch(number, frame):
    print(message, flush=True)
    sys.exit(0)


reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
signal.signal(signal.SIGINT, catch)
message = "Catch SIGINT!"
while True:
    select.select([reader], [], [])
