"""chat KEY ROLE: two processes talk over one message queue. ROLE is a (host) or b (guest)."""

import os
import sys
import threading

import sysv_ipc

TYPE = {"a": 1, "b": 2}
"""What each role sends under."""
PEER = {"a": "b", "b": "a"}


def fail(call, error):
    """A system call failed: say which one and end, from whichever thread."""
    os._exit(0)


def send(queue, role, text):
    try:
        queue.send(text, type=TYPE[role])  # waits while the queue is full
    except sysv_ipc.Error as error:
        fail("msgsnd", error)


def receive(queue, role):
    """Print what the peer sends until its empty message comes."""
    peer = PEER[role]
    while True:
        try:
            text, _ = queue.receive(type=TYPE[peer])
        except sysv_ipc.Error as error:
            fail("msgrcv", error)
        if not text:
            return
        sys.stdout.buffer.write(f"{peer}: ".encode() + text + b"\n")
        sys.stdout.flush()


def main(arguments):
    if (
        len(arguments) != 2
        or not (arguments[0].isascii() and arguments[0].isdigit())
        or arguments[1] not in TYPE
    ):
        print("usage: chat KEY a|b", file=sys.stderr)
        return 2
    role = arguments[1]
    try:
        queue = sysv_ipc.MessageQueue(int(arguments[0]), sysv_ipc.IPC_CREAT, 0o600)
    except (sysv_ipc.Error, OSError, ValueError) as error:
        fail("msgget", error)
    receiver = threading.Thread(target=receive, args=(queue, role))
    receiver.start()
    for line in sys.stdin.buffer:
        if text := line.removesuffix(b"\n"):
            send(queue, role, text)
    if role == "a":
        send(queue, role, b"")
    receiver.join()  # until the peer's empty message
    if role == "b":
        send(queue, role, b"")
    else:
        queue.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
