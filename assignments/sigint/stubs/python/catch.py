"""catch: waits for SIGINT, prints `Catch SIGINT!` and exits 0.

Start it, press Ctrl-C: it prints `Catch SIGINT!` when it is done.
"""

import sys


def main(arguments: list[str]) -> int:
    if arguments:
        print("usage: catch", file=sys.stderr)
        return 2

    # Write here what the process does:
    # 1. Install a handler for SIGINT (signal.signal) that prints `Catch SIGINT!` and exits 0.
    # 2. Wait without missing a signal that comes just before the wait: a wake-up descriptor
    #    (signal.set_wakeup_fd) and select.select, or signal.sigwait with SIGINT blocked.
    # 3. Take away the next two lines.
    print("catch: no handler for SIGINT yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
