"""writer that creates the segment, or opens the one that is there, whatever its size."""

import os
import sys

import sysv_ipc

SIZE = 4096


def main(arguments):
    if len(arguments) != 2 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: writer KEY TEXT", file=sys.stderr)
        return 2
    text = os.fsencode(arguments[1])
    if len(text) >= SIZE:  # the NUL needs room too
        print(f"writer: the text has more than {SIZE - 1:,} bytes", file=sys.stderr)
        return 2
    try:
        key = int(arguments[0])
        try:
            segment = sysv_ipc.SharedMemory(key, sysv_ipc.IPC_CREX, 0o600, SIZE)
        except sysv_ipc.ExistentialError:
            segment = sysv_ipc.SharedMemory(key)
        segment.write(text + b"\0")
        segment.detach()
    except (sysv_ipc.Error, OSError, ValueError) as error:
        print(f"writer: shmget: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
