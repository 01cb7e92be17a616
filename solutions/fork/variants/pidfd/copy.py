"""copy N with a pidfd: poll says when the child has ended, waitid reaps it."""

import os
import select
import sys


def main():
    if len(sys.argv) != 2:
        print("copy: one integer is needed", file=sys.stderr)
        return 2
    try:
        number = int(sys.argv[1])
    except ValueError:
        print(f"copy: no integer: {sys.argv[1]}", file=sys.stderr)
        return 2
    call = "fork"
    try:
        if (pid := os.fork()) == 0:
            call = "write"
            print(f"child: {number * 2}", flush=True)
            os._exit(0)
        call = "pidfd_open"
        pidfd = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        call = "poll"
        poll.poll()
        call = "waitid"
        ended = os.waitid(os.P_PIDFD, pidfd, os.WEXITED)
    except OSError as error:
        print(f"copy: {call}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)
    print(f"parent: {number}", flush=True)
    return ended.si_status


sys.exit(main())
