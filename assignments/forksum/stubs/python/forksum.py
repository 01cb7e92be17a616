"""forksum LIMIT WORKERS: so many children add up 1 + 2 + … + LIMIT together.

`python3 forksum.py 10000 10` prints `50005000` when it is done.
"""

import sys


def number(text: str, largest: int) -> int | None:
    """The number, if it is one from 1 to the largest."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= largest:
        return None
    return int(text)


def main(arguments: list[str]) -> int:
    limit = number(arguments[0], 10**9) if len(arguments) == 2 else None
    workers = number(arguments[1], 64) if len(arguments) == 2 else None
    if limit is None or workers is None:
        print("usage: forksum LIMIT WORKERS", file=sys.stderr)
        return 2

    # Write here what the process does:
    # 1. Make a pipe (os.pipe), for all children or one for each; fork the children (os.fork).
    # 2. In each child: add up its range, write the partial sum into the pipe, end.
    # 3. In the main process: read all partial sums, reap every child (os.waitpid), print the total.
    # 4. Take away the next two lines and return 0.
    print(f"forksum: {workers} workers for {limit} numbers, but no pipe yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
