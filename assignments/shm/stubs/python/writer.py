"""writer KEY TEXT: stores TEXT in the shared memory segment KEY, followed by a NUL.

`python3 writer.py 1234 hello` prints nothing when it is done; `ipcs -m` shows the segment.
"""

import os
import sys

SIZE = 4096


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: writer KEY TEXT", file=sys.stderr)
        return 2
    key = int(arguments[0])
    # Memory holds bytes, so this is what to store: the text in UTF-8.
    text = os.fsencode(arguments[1])

    # Write here what the program does:
    # 1. Refuse a text that does not fit into SIZE bytes together with its NUL.
    # 2. Open the segment, or create it (sysv_ipc.SharedMemory with IPC_CREAT, mode, size).
    # 3. Store the text and a NUL, detach. If a call fails, say which one and return 1.
    # 4. Take away the next two lines and return 0.
    print(f"writer: {len(text)} bytes for segment {key}, of {SIZE}, to store", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
