"""block: copies stdin to stdout while SIGINT is blocked."""

import signal
import sys


def catch(_number, _frame):
    print("Catch SIGINT!", flush=True)


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
        call = "sigprocmask"
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        call = "copy"
        put(b"blocked\n")
        for line in sys.stdin.buffer:
            put(line)
        put(b"unblocked\n")
        call = "sigprocmask"
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    except OSError as error:
        print(f"block: {call}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
