"""catch with a handler that does nothing: the byte on the wake-up descriptor says it all."""

import os
import signal
import sys


def main():
    if len(sys.argv) > 1:
        sys.stderr.write("catch takes no argument\n")
        return 2
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, lambda number, frame: None)
    while os.read(reader, 1)[0] != signal.SIGINT:
        pass
    sys.stdout.write("Catch SIGINT!\n")
    return 0


sys.exit(main())
