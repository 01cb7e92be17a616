"""forksum LIMIT WORKERS with a pipe for each worker and file objects; worker k takes k, k + WORKERS, …"""

import os
import sys


def main():
    try:
        limit, workers = (int(text) for text in sys.argv[1:])
    except ValueError:
        limit = workers = 0
    if not (1 <= limit <= 10**9 and 1 <= workers <= 64):
        sys.stderr.write("usage: forksum LIMIT WORKERS\n")
        return 2
    pipes = {}
    call = "pipe"
    try:
        for worker in range(workers):
            call = "pipe"
            read_end, write_end = os.pipe()
            call = "fork"
            pid = os.fork()
            if pid == 0:
                os.close(read_end)
                partial = 0
                for summand in range(worker + 1, limit + 1, workers):
                    partial += summand
                call = "write"
                with open(write_end, "w") as pipe:
                    pipe.write(str(partial))
                os._exit(0)
            os.close(write_end)
            pipes[pid] = open(read_end)
        total = 0
        for pid, pipe in pipes.items():
            call = "read"
            with pipe:
                total += int(pipe.read())
            call = "waitpid"
            os.waitpid(pid, 0)
    except OSError as error:
        print(f"forksum: {call}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)
    print(total)
    return 0


sys.exit(main())
