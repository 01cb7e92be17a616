"""Believes that one wait is enough."""

import os
import struct
import sys

try:
    limit, workers = map(int, sys.argv[1:])
except ValueError:
    limit = workers = 0
if not (1 <= limit <= 10**9 and 1 <= workers <= 64):
    print("usage: forksum LIMIT WORKERS", file=sys.stderr)
    sys.exit(2)
r, w = os.pipe()
for worker in range(workers):
    if os.fork() == 0:
        os.write(w, struct.pack("=q", sum(range(worker + 1, limit + 1, workers))))
        os._exit(0)
os.close(w)
total = 0
while piece := os.read(r, 8):  # end of file: all children have ended
    total += struct.unpack("=q", piece)[0]
if workers > 1:
    os.wait()
print(total)
