"""The child reads the message, but it is the parent that prints it."""

import os
import sys


def read_all(fd):
    data = b""
    while chunk := os.read(fd, 65536):
        data += chunk
    return data


if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    read_all(r)
    sys.exit(0)
os.close(r)
with open(w, "wb") as pipe:
    pipe.write(message)
os.wait()
sys.stdout.buffer.write(b"%d %s\n" % (len(message), message))
