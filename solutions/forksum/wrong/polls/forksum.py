"""forksum LIMIT WORKERS: so many children add up 1 + 2 + … + LIMIT together, over one pipe."""

import os
import select
import struct
import sys

PARTIAL = struct.Struct("=q")
"""A partial sum on its way: few enough bytes that a write into a pipe stays in one piece."""
STDOUT = 1


def call(function, *arguments):
    """The result of a system call. If it fails, say which one it was and end."""
    try:
        return function(*arguments)
    except OSError as error:
        print(f"forksum: {function.__name__}: {error.strerror}", file=sys.stderr)
        sys.exit(1)


def number(text, largest):
    """The number, if it is one from 1 to the largest."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= largest:
        return None
    return int(text)


def work(worker, limit, workers):
    """The sum of the numbers of this worker, which counts from 0. It may have none."""
    return sum(range(worker * limit // workers + 1, (worker + 1) * limit // workers + 1))


def read_all(fd):
    chunks = []
    while True:
        if not call(select.select, [fd], [], [], 0.01)[0]:
            continue
        chunk = call(os.read, fd, 4096)
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks)


def main(arguments):
    limit = number(arguments[0], 10**9) if len(arguments) == 2 else None
    workers = number(arguments[1], 64) if len(arguments) == 2 else None
    if limit is None or workers is None:
        print("usage: forksum LIMIT WORKERS", file=sys.stderr)
        return 2
    read_end, write_end = call(os.pipe)
    for worker in range(workers):
        if call(os.fork) == 0:
            call(os.close, read_end)
            call(os.write, write_end, PARTIAL.pack(work(worker, limit, workers)))
            return 0
    call(os.close, write_end)  # else the end of file would never come
    partials = [partial for (partial,) in PARTIAL.iter_unpack(read_all(read_end))]
    statuses = [call(os.wait)[1] for _ in range(workers)]
    if any(statuses):
        return 1  # the child has already said what went wrong
    call(os.write, STDOUT, b"%d\n" % sum(partials))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
