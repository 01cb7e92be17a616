"""catch: waits for SIGINT, prints `Catch SIGINT!` and exits 0."""

import os
import select
import signal
import sys


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"catch: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def catch(_number, _frame):
    print("Catch SIGINT!", flush=True)
    sys.exit(0)


def main(arguments):
    if arguments:
        print("usage: catch", file=sys.stderr)
        return 2
    # The interpreter writes a byte into the pipe when a signal comes, and calls the handler only
    # at its next instruction. So a signal just before select makes select return.
    reader, writer = call(os.pipe)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    call(signal.signal, signal.SIGINT, catch)
    while True:
        call(select.select, [reader], [], [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
