"""ignore: ignores SIGINT and waits until another signal, SIGTERM say, ends it."""

import signal
import sys


def main(arguments):
    if arguments:
        print("usage: ignore", file=sys.stderr)
        return 2
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except OSError as error:
        print(f"ignore: sigaction: {error.strerror}", file=sys.stderr)
        return 1
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
