"""status with waitid and a pidfd; the child's signals are reset before it is forked."""

import os
import signal
import sys

WORDS = {os.CLD_STOPPED: "stopped", os.CLD_CONTINUED: "continued"}


def main(name=None, *more):
    if more or name not in ("INT", "KILL", "ALRM", "SEGV", "TSTP"):
        sys.stderr.write("usage: status INT|KILL|ALRM|SEGV|TSTP\n")
        return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        signal.sigwait([])  # for nothing at all
    fd = os.pidfd_open(child)
    signals = [signal.SIGKILL, signal.SIGCONT, signal.Signals[f"SIG{name}"]]
    word = None
    while word != "terminated":
        signal.pidfd_send_signal(fd, signals.pop())
        info = os.waitid(os.P_PIDFD, fd, os.WEXITED | os.WSTOPPED | os.WCONTINUED)
        word = WORDS.get(info.si_code, "terminated")
        os.write(1, f"{word} by {signal.Signals(info.si_status).name}\n".encode())
    return 0


sys.exit(main(*sys.argv[1:]))
