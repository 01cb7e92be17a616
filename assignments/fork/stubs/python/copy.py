"""copy N: a child doubles its copy of N, the parent's own stays what it was.

`python3 copy.py 21` prints `child: 42` and `parent: 21` when it is done.
"""

import os
import re
import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not re.fullmatch("[+-]?[0-9]+", arguments[0]):
        print("usage: copy N", file=sys.stderr)
        return 2
    number = int(arguments[0])

    # Write here what the process does:
    # 1. Make a child (os.fork).
    # 2. In the child: double `number`, print `child: <number>`, flush it, end.
    # 3. In the parent: wait for the child (os.waitpid), print `parent: <number>`.
    # 4. Take away the next two lines and return 0.
    print(f"copy: {number} is known to {os.getpid()}, but there is no child yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
