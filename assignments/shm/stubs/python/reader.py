"""reader KEY: prints the text in the shared memory segment KEY and removes the segment.

After `python3 writer.py 1234 hello`, `python3 reader.py 1234` prints `hello` when it is done.
"""

import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: reader KEY", file=sys.stderr)
        return 2
    key = int(arguments[0])

    # Write here what the program does:
    # 1. Open the segment (sysv_ipc.SharedMemory), never create it. If there is none, say which
    #    call failed and return 1.
    # 2. Print the bytes up to the NUL, as they are (sys.stdout.buffer), and a newline.
    # 3. Detach the segment and remove it.
    # 4. Take away the next two lines and return 0.
    print(f"reader: nothing read from segment {key} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
