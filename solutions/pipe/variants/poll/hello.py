"""hello [MESSAGE] without a call that blocks on the pipe: both ends are non-blocking, both sides
sleep in poll. The message goes in many small pieces, each written from two buffers."""

import os
import select
import sys

PIECE = 700


def send(fd, message):
    os.set_blocking(fd, False)
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    view = memoryview(message)
    while view:
        poll.poll()
        try:
            view = view[os.writev(fd, [view[:PIECE], view[PIECE : 2 * PIECE]]) :]
        except BlockingIOError:
            pass
        except OSError as error:
            fail("writev", error)
    os.close(fd)


def receive(fd):
    os.set_blocking(fd, False)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    message = bytearray()
    while True:
        poll.poll()
        try:
            piece = os.read(fd, 999)
        except BlockingIOError:
            continue
        except OSError as error:
            fail("read", error)
        if not piece:
            return bytes(message)
        message += piece


def show(message):
    try:
        sys.stdout.buffer.writelines([str(len(message)).encode(), b" ", message, b"\n"])
        sys.stdout.flush()
    except OSError as error:
        fail("write", error)


def fail(call, error):
    print(f"hello: {call}: {error.strerror}", file=sys.stderr, flush=True)
    os._exit(1)


def main(arguments):
    if len(arguments) > 1:
        sys.stderr.write("hello takes one message at most\n")
        return 2
    message = os.fsencode(arguments[0]) if arguments else b"Hello Child Process!"
    try:
        reader, writer = os.pipe2(os.O_CLOEXEC)
    except OSError as error:
        fail("pipe2", error)
    try:
        child = os.fork()
    except OSError as error:
        fail("fork", error)
    if child == 0:
        os.close(writer)
        show(receive(reader))
        return 0
    send(writer, message)
    os.close(reader)
    return os.waitid(os.P_PID, child, os.WEXITED).si_status


sys.exit(main(sys.argv[1:]))
