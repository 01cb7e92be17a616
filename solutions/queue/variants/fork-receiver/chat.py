"""chat KEY ROLE with two processes: the child receives and prints, the parent sends."""

import os
import sys

import sysv_ipc


def say(*words):
    os.write(2, (" ".join(map(str, words)) + "\n").encode())


def receiver(queue, peer, type):
    with os.fdopen(1, "wb", buffering=0) as out:
        while text := queue.receive(type=type)[0]:
            out.write(b"%s: %s\n" % (peer, text))


def lines():
    rest = b""
    while piece := os.read(0, 1000):
        *whole, rest = (rest + piece).split(b"\n")
        yield from filter(None, whole)
    if rest:
        yield rest


def main():
    match sys.argv[1:]:
        case [key, "a"] if set(key) <= set("0123456789") and key:
            mine, theirs, peer = 1, 2, b"b"
        case [key, "b"] if set(key) <= set("0123456789") and key:
            mine, theirs, peer = 2, 1, b"a"
        case _:
            say("chat KEY a|b")
            return 2
    try:
        queue = sysv_ipc.MessageQueue(int(key), sysv_ipc.IPC_CREX, mode=0o600)
    except sysv_ipc.ExistentialError:
        queue = sysv_ipc.MessageQueue(int(key))
    child = os.fork()
    if child == 0:
        try:
            receiver(queue, peer, theirs)
        except sysv_ipc.Error as error:
            say("chat: msgrcv:", error)
            os._exit(1)
        os._exit(0)
    try:
        for line in lines():
            queue.send(line, True, mine)
        if mine == 1:
            queue.send(b"", True, mine)
    except sysv_ipc.Error as error:
        say("chat: msgsnd:", error)
        return 1
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        return 1
    if mine == 1:
        queue.remove()
    else:
        queue.send(b"", True, mine)
    return 0


sys.exit(main())
