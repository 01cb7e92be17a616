"""block: copies stdin to stdout while SIGINT is blocked."""

import sys


def main(arguments: list[str]) -> int:
    if arguments:
        print("usage: block", file=sys.stderr)
        return 2

    # Write here what the process does:
    # 1. Install a handler (signal.signal), block SIGINT (signal.pthread_sigmask), print `blocked`.
    # 2. Copy stdin line by line; flush each.
    # 3. Print `unblocked`, unblock SIGINT.
    # 4. Take away the next two lines and return 0.
    print("block: SIGINT is not blocked yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
