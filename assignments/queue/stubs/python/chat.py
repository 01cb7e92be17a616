"""chat KEY ROLE: two processes talk over one message queue. ROLE is a (host) or b (guest).

When it is done, what you type into `python3 chat.py 1234 a` appears in `python3 chat.py 1234 b`
in another terminal, and the other way round.
"""

import sys


def main(arguments: list[str]) -> int:
    if (
        len(arguments) != 2
        or not (arguments[0].isascii() and arguments[0].isdigit())
        or arguments[1] not in ("a", "b")
    ):
        print("usage: chat KEY a|b", file=sys.stderr)
        return 2
    key, role = int(arguments[0]), arguments[1]

    # Write here what the program does:
    # 1. Open the queue, or create it (sysv_ipc.MessageQueue with IPC_CREAT).
    # 2. Receive in a second thread or process, until an empty message comes: print each one as
    #    `<peer>: <text>` and flush.
    # 3. Send each line of stdin (bytes, without the newline); skip the empty ones.
    # 4. At the end send your empty message, at the right moment; a removes the queue.
    # 5. Take away the next two lines and return 0.
    print(f"chat: {role} can't talk through queue {key} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
