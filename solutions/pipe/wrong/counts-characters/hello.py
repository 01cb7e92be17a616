"""Counts characters where bytes are asked for."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = sys.argv[1] if len(sys.argv) == 2 else "Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    with open(r, encoding="utf-8") as pipe:
        received = pipe.read()
    print(len(received), received)
    sys.exit(0)
os.close(r)
with open(w, "w", encoding="utf-8") as pipe:
    pipe.write(message)
os.wait()
