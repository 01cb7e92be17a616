"""forksum with multiprocessing: each start looks whether earlier children have ended."""

import multiprocessing
import sys


def add(first, last, sender):
    sender.send(sum(range(first, last + 1)))
    sender.close()


def main():
    if len(sys.argv) != 3 or not all(a.isascii() and a.isdigit() for a in sys.argv[1:]):
        print("usage: forksum LIMIT WORKERS", file=sys.stderr)
        return 2
    limit, workers = map(int, sys.argv[1:])
    if not (1 <= limit <= 10**9 and 1 <= workers <= 64):
        print("usage: forksum LIMIT WORKERS", file=sys.stderr)
        return 2
    context = multiprocessing.get_context("fork")
    children = []
    for number in range(workers):
        receiver, sender = context.Pipe(duplex=False)
        part = (limit * number // workers + 1, limit * (number + 1) // workers)
        child = context.Process(target=add, args=(*part, sender))
        child.start()
        sender.close()
        children.append((child, receiver))
    total = sum(receiver.recv() for _child, receiver in children)
    for child, _receiver in children:
        child.join()
    print(total)
    return 0


if __name__ == "__main__":
    sys.exit(main())
