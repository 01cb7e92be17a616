"""Decodes every chunk by itself, so characters that lie across two chunks are lost."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    size, text = 0, ""
    while chunk := os.read(r, 1024):
        size += len(chunk)
        text += chunk.decode("utf-8", errors="replace")
    os.close(r)
    print(size, text)
    sys.exit(0)
os.close(r)
with open(w, "wb") as pipe:
    pipe.write(message)
os.wait()
