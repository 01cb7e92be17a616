"""status SIGNAL: sends a child a signal and prints what waitpid says became of it.

`python3 status.py ALRM` prints `terminated by SIGALRM` when it is done.
"""

import sys

NAMES = ("INT", "KILL", "ALRM", "SEGV", "TSTP")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in NAMES:
        print("usage: status INT|KILL|ALRM|SEGV|TSTP", file=sys.stderr)
        return 2

    # Write here what the process does:
    # 1. Give SIGINT its default action (signal.signal), then make a child (os.fork) that only
    #    waits (signal.pause).
    # 2. Send it the signal (os.kill), ask what became of it (os.waitpid), print that.
    # 3. If it was stopped: continue it, ask, print, kill it, ask, print.
    # 4. Take away the next two lines and return 0.
    print(f"status: no child to send SIG{arguments[0]} to yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
