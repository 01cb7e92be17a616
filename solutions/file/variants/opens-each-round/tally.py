"""tally PATH N that opens the file anew for each round; closing it releases the lock."""

import fcntl
import sys


def one(path, step):
    with open(path, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = int(file.read() or 0) + step
        if step:
            file.truncate(0)
            print(number, file=file, flush=True)
    return number


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
        print("usage: tally PATH N", file=sys.stderr)
        return 2
    try:
        rounds = int(sys.argv[2])
        number = one(sys.argv[1], 0) if rounds == 0 else 0
        for _ in range(rounds):
            number = one(sys.argv[1], 1)
    except OSError as error:
        print(f"tally: open, flock, read or write: {error.strerror}", file=sys.stderr)
        return 1
    print(number)
    return 0


sys.exit(main())
