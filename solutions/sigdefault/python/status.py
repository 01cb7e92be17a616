"""status SIGNAL: sends a child a signal and prints what waitpid says became of it."""

import os
import signal
import sys

NAMES = ("INT", "KILL", "ALRM", "SEGV", "TSTP")


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"status: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def say(what, number):
    print(f"{what} by {signal.Signals(number).name}", flush=True)


def report(child):
    """Wait until something happens to the child and print it. True if it can go on from there."""
    _, status = call(os.waitpid, child, os.WUNTRACED | os.WCONTINUED)
    if os.WIFSTOPPED(status):
        say("stopped", os.WSTOPSIG(status))
    elif os.WIFCONTINUED(status):
        say("continued", signal.SIGCONT)
    elif os.WIFSIGNALED(status):
        say("terminated", os.WTERMSIG(status))
        return False
    else:
        print(f"exited with status {os.WEXITSTATUS(status)}", flush=True)
        return False
    return True


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in NAMES:
        print("usage: status INT|KILL|ALRM|SEGV|TSTP", file=sys.stderr)
        return 2
    # Before fork, so that the child never has the interpreter's own handler.
    call(signal.signal, signal.SIGINT, signal.SIG_DFL)
    child = call(os.fork)
    if child == 0:
        while True:
            signal.pause()
    for number in (signal.Signals[f"SIG{arguments[0]}"], signal.SIGCONT, signal.SIGKILL):
        call(os.kill, child, number)
        if not report(child):
            break
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
