"""Reads and writes once, and believes that this is all."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    received = os.read(r, 4096)
    sys.stdout.buffer.write(b"%d %s\n" % (len(received), received))
    sys.exit(0)
os.close(r)
os.write(w, message)
os.close(w)
os.wait()
