"""catch with CPython's own handler, installed by the program, and a wake-up socket."""

import select
import signal
import socket
import sys

if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
try:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    poll = select.epoll()
    poll.register(ours, select.EPOLLIN)
    while True:
        poll.poll()
except KeyboardInterrupt:
    print("Catch SIGINT!", flush=True)
