"""block that takes what is pending with sigtimedwait before it unblocks."""

import os
import signal
import sys


def catch(*_):
    os.write(1, b"Catch SIGINT!\n")


if len(sys.argv) > 1:
    sys.exit(print("usage: block", file=sys.stderr) or 2)
signal.signal(signal.SIGINT, catch)
before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("blocked", flush=True)
while line := sys.stdin.readline():
    print(line, end="", flush=True)
print("unblocked", flush=True)
if signal.sigtimedwait([signal.SIGINT], 0):
    catch()
signal.pthread_sigmask(signal.SIG_SETMASK, before)
