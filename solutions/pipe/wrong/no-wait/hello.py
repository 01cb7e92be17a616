"""The parent ends without waiting for the child."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    with open(r, "rb") as pipe:
        received = pipe.read()
    sys.stdout.buffer.write(b"%d %s\n" % (len(received), received))
    sys.exit(0)
os.close(r)
with open(w, "wb") as pipe:
    pipe.write(message)
