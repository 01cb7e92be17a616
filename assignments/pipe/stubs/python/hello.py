"""hello [MESSAGE]: the parent sends MESSAGE through a pipe, the child prints it.

`python3 hello.py` prints `20 Hello Child Process!` when it is done.
"""

import os
import sys

DEFAULT = "Hello Child Process!"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print("usage: hello [MESSAGE]", file=sys.stderr)
        return 2
    # A pipe carries bytes, so this is what to send: the message in UTF-8.
    message = os.fsencode(arguments[0] if arguments else DEFAULT)

    # Write here what the process does:
    # 1. Make a pipe (os.pipe), then a child (os.fork).
    # 2. In the child: close the end that it doesn't use, read until end of file, print
    #    `<bytes> <message>`.
    # 3. In the parent: close the end that it doesn't use, write the message, close the pipe,
    #    wait for the child (os.waitpid).
    # 4. Take away the next two lines and return 0.
    print(f"hello: {len(message)} bytes to send, but no pipe yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
