"""Does not look at its arguments."""

import os
import struct
import sys

if len(sys.argv) != 3:
    print("usage: forksum LIMIT WORKERS", file=sys.stderr)
    sys.exit(2)
limit, workers = int(sys.argv[1]), int(sys.argv[2])
r, w = os.pipe()
for worker in range(workers):
    if os.fork() == 0:
        os.write(w, struct.pack("=q", limit * (limit + 1) // 2 if worker == 0 else 0))
        os._exit(0)
total = sum(struct.unpack("=q", os.read(r, 8))[0] for _ in range(workers))
for _ in range(workers):
    os.wait()
print(total)
