"""Passes the message through a file, which it forgets to remove."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = os.fsencode(sys.argv[1]) if len(sys.argv) == 2 else b"Hello Child Process!"
with open("message.txt", "wb") as file:
    file.write(message)
if os.fork() == 0:
    with open("message.txt", "rb") as file:
        received = file.read()
    sys.stdout.buffer.write(b"%d %s\n" % (len(received), received))
    sys.exit(0)
os.wait()
