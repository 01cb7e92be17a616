"""The child keeps its copy of the write end, so it waits for itself."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    received = b""
    while chunk := os.read(r, 65536):
        received += chunk
    os.close(r)
    os.close(w)
    sys.stdout.buffer.write(b"%d %s\n" % (len(received), received))
    sys.exit(0)
os.close(r)
with open(w, "wb") as pipe:
    pipe.write(message)
os.wait()
