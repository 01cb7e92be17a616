"""hello [MESSAGE] with file objects: `with` closes the ends, read() reads until end of file."""

import os
import sys
from contextlib import contextmanager

UTF8 = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}


@contextmanager
def naming(call):
    try:
        yield
    except OSError as error:
        print(f"hello: {call}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)


def main():
    if len(sys.argv) > 2:
        print("usage: hello [MESSAGE]", file=sys.stderr)
        return 2
    message = sys.argv[1] if len(sys.argv) == 2 else "Hello Child Process!"
    with naming("pipe"):
        read_end, write_end = os.pipe()
    with naming("fork"):
        pid = os.fork()
    if pid == 0:
        os.close(write_end)
        with naming("read"), open(read_end, **UTF8) as pipe:
            text = pipe.read()
        size = len(os.fsencode(text))
        with naming("write"):
            print(size, text, flush=True)
        os._exit(0)
    with naming("write"), open(write_end, "w", **UTF8) as pipe:
        os.close(read_end)
        pipe.write(message)
    with naming("wait"):
        return 0 if os.wait() == (pid, 0) else 1


sys.exit(main())
