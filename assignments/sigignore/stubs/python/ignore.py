"""ignore: ignores SIGINT and waits until another signal, SIGTERM say, ends it."""

import sys


def main(arguments: list[str]) -> int:
    if arguments:
        print("usage: ignore", file=sys.stderr)
        return 2

    # Write here what the process does:
    # 1. Set SIGINT to be ignored (signal.signal).
    # 2. Wait in the kernel, for as long as it takes (signal.pause).
    # 3. Take away the next two lines.
    print("ignore: SIGINT is not ignored yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
