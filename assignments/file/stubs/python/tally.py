"""tally PATH N: adds 1 to the number in the file, N times, each time under a lock.

`python3 tally.py count.txt 3` prints `3` when it is done, if there was no count.txt.
"""

import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not (arguments[1].isascii() and arguments[1].isdigit()):
        print("usage: tally PATH N", file=sys.stderr)
        return 2
    path, rounds = arguments[0], int(arguments[1])

    # Write here what the process does:
    # 1. Open the file; make it if it is missing, but don't empty it (os.open).
    # 2. N times: lock (fcntl.flock), read, add 1, write, unlock.
    # 3. Print the last value that was written; with N = 0 the one that was read.
    # 4. Take away the next two lines and return 0.
    print(f"tally: {rounds} rounds on {path}, but nothing is counted yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
