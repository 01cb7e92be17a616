"""copy N: a child doubles its copy of N, the parent's own stays what it was."""

import os
import re
import sys


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"copy: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def show(line):
    # One write for the line: a buffer would still be there when somebody forks.
    call(os.write, 1, line.encode() + b"\n")


def main(arguments):
    if len(arguments) != 1 or not re.fullmatch("[+-]?[0-9]+", arguments[0]):
        print("usage: copy N", file=sys.stderr)
        return 2
    number = int(arguments[0])
    pid = call(os.fork)
    if pid == 0:
        number *= 2
        show(f"child: {number}")
        return 0
    _, status = call(os.waitpid, pid, 0)
    show(f"parent: {number}")
    return 0 if status == 0 else 1  # the child has already said what went wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
