"""hello [MESSAGE]: the parent sends MESSAGE through a pipe, the child prints its size and it."""

import os
import sys
import time

DEFAULT = "Hello Child Process!"
CHUNK = 65_536
STDOUT = 1


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"hello: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def write_all(fd, data):
    """Write may take only a part of the data, so go on with the rest."""
    while data:
        data = data[call(os.write, fd, data) :]


def read_all(fd):
    """All bytes until end of file, which is when read returns none."""
    chunks = []
    while chunk := call(os.read, fd, CHUNK):
        chunks.append(chunk)
    return b"".join(chunks)


def child(read_end):
    time.sleep(0.1)  # the parent has surely written by now
    message = read_all(read_end)
    call(os.close, read_end)
    write_all(STDOUT, b"%d %s\n" % (len(message), message))


def parent(write_end, message):
    write_all(write_end, message)
    call(os.close, write_end)  # this is what ends the child's loop


def main(arguments):
    if len(arguments) > 1:
        print("usage: hello [MESSAGE]", file=sys.stderr)
        return 2
    message = os.fsencode(arguments[0] if arguments else DEFAULT)
    read_end, write_end = call(os.pipe)
    pid = call(os.fork)
    if pid == 0:
        call(os.close, write_end)
        child(read_end)
        return 0
    call(os.close, read_end)
    parent(write_end, message)
    _, status = call(os.waitpid, pid, 0)
    return 0 if status == 0 else 1  # the child has already said what went wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
