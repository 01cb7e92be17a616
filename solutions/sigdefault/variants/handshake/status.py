"""status whose child sets its dispositions itself and says when it is ready."""

import os
import signal
import sys

if len(sys.argv) != 2 or sys.argv[1] not in {"INT", "KILL", "ALRM", "SEGV", "TSTP"}:
    print("usage: status INT|KILL|ALRM|SEGV|TSTP", file=sys.stderr)
    sys.exit(2)
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.close(reader)
    os.close(writer)
    while True:
        signal.pause()
os.close(writer)
os.read(reader, 1)  # end of file: the child is ready, or no more
os.kill(child, getattr(signal, "SIG" + sys.argv[1]))
status = os.waitpid(child, os.WUNTRACED)[1]
if os.WIFSTOPPED(status):
    print("stopped by", signal.Signals(os.WSTOPSIG(status)).name, flush=True)
    os.kill(child, signal.SIGCONT)
    if os.WIFCONTINUED(os.waitpid(child, os.WCONTINUED)[1]):
        print("continued by SIGCONT", flush=True)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
print("terminated by", signal.Signals(-os.waitstatus_to_exitcode(status)).name)
