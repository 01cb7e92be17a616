"""hello [MESSAGE] with multiprocessing: fork, wait and the child's exit are the library's."""

import multiprocessing
import os
import sys


def say(read_end, write_end):
    os.close(write_end)
    try:
        call = "read"
        with os.fdopen(read_end, "rb") as pipe:
            message = b"".join(iter(lambda: pipe.read1(4096), b""))
        call = "write"
        sys.stdout.buffer.write(b"%d " % len(message) + message + b"\n")
        sys.stdout.flush()
    except OSError as error:
        fail(call, error)


def fail(call, error):
    print(f"hello: {call}: {error.strerror}", file=sys.stderr, flush=True)
    os._exit(1)


def main():
    if len(sys.argv) > 2:
        sys.stderr.write("usage: hello [MESSAGE]\n")
        return 2
    message = os.fsencode((sys.argv + ["Hello Child Process!"])[1])
    try:
        call = "pipe"
        read_end, write_end = os.pipe()
        call = "fork"
        child = multiprocessing.get_context("fork").Process(target=say, args=(read_end, write_end))
        child.start()
        os.close(read_end)
        call = "write"
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(message)
    except OSError as error:
        fail(call, error)
    child.join()
    return child.exitcode


sys.exit(main())
