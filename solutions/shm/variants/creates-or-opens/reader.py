"""reader KEY: prints the text in the shared memory segment KEY and removes the segment."""

import sys

import sysv_ipc


def main(arguments):
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: reader KEY", file=sys.stderr)
        return 2
    try:
        segment = sysv_ipc.SharedMemory(int(arguments[0]))
    except (sysv_ipc.Error, OSError, ValueError) as error:
        print(f"reader: shmget: {error}", file=sys.stderr)
        return 1
    text, _, _ = segment.read().partition(b"\0")
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.flush()
    segment.detach()
    segment.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
