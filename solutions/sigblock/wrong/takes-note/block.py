"""A handler takes note of SIGINT, which is never blocked."""

import signal
import sys


noted = set()


def catch(_number, _frame):
    noted.add("Catch SIGINT!")


def put(line):
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def main(arguments):
    if arguments:
        print("usage: block", file=sys.stderr)
        return 2
    try:
        call = "sigaction"
        signal.signal(signal.SIGINT, catch)
        call = "copy"
        put(b"blocked\n")
        for line in sys.stdin.buffer:
            put(line)
        put(b"unblocked\n")
        call = "sigprocmask"
        for line in noted:
            print(line, flush=True)
    except OSError as error:
        print(f"block: {call}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
