"""tally PATH N with a file object and POSIX record locks: seek, read, seek, write, truncate, flush."""

import fcntl
import os
import sys


def main():
    try:
        path, text = sys.argv[1:]
        rounds = int(text)
        if rounds < 0:
            raise ValueError
    except ValueError:
        sys.stderr.write("tally needs a file and a number of rounds\n")
        return 2
    call = "open"
    try:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+") as file:
            number = int(file.read() or 0)
            for _ in range(rounds):
                call = "fcntl"
                fcntl.lockf(file, fcntl.LOCK_EX)
                call = "read"
                file.seek(0)
                number = int(file.read().strip() or 0) + 1
                call = "write"
                file.seek(0)
                file.write(str(number))
                file.truncate()
                file.flush()
                fcntl.lockf(file, fcntl.LOCK_UN)
    except OSError as error:
        print(f"tally: {call}: {error.strerror}", file=sys.stderr)
        return 1
    print(number)
    return 0


sys.exit(main())
