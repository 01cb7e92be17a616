"""client PORT: sends stdin to the server and prints what comes back."""

import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: client PORT", file=sys.stderr)
        return 2
    port = int(arguments[0])

    # Write here what the program does:
    # 1. Connect to 127.0.0.1.
    # 2. Send stdin, and at its end shut down the sending side.
    # 3. Meanwhile print what comes back, until the server closes; flush.
    # 4. Take away the next two lines.
    print(f"client: can't talk through port {port} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
