"""The child ends with os._exit, which leaves what it printed in the buffer."""

import os
import sys

if len(sys.argv) > 2:
    print("usage: hello [MESSAGE]", file=sys.stderr)
    sys.exit(2)
message = sys.argv[1] if len(sys.argv) == 2 else "Hello Child Process!"
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    with open(r, "rb") as pipe:
        received = pipe.read()
    print(len(received), received.decode())
    os._exit(0)
os.close(r)
with open(w, "wb") as pipe:
    pipe.write(message.encode())
os.wait()
