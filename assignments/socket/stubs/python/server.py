"""server PORT: a TCP echo server on 127.0.0.1."""

import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: server PORT", file=sys.stderr)
        return 2
    port = int(arguments[0])

    # Write here what the program does:
    # 1. Make a socket with address reuse on, bind it to 127.0.0.1, listen.
    # 2. Accept clients; let each one be served without waiting for another.
    # 3. Send back what a client sends until it has shut down its side; then close.
    # 4. On SIGTERM end everything and exit with status 0.
    # 5. Take away the next two lines.
    print(f"server: can't serve port {port} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
