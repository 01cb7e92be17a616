"""webserver PORT ROOT: static files over HTTP, a new process for every connection.

When it is done, `python3 webserver.py 8080 site` shows site/index.html at http://127.0.0.1:8080/.
"""

import sys


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: webserver PORT ROOT", file=sys.stderr)
        return 2
    port, root = int(arguments[0]), arguments[1]

    # Write here what the program does:
    # 1. Listen on 127.0.0.1 (socket.create_server).
    # 2. For ever: accept a client, then fork. The parent closes the connection and accepts the
    #    next client; it reaps children that have ended, but waits for none.
    # 3. The child reads the request up to the empty line, sends the response, closes and exits.
    # 4. On SIGTERM end the children that are left, then exit with status 0.
    # 5. Take away the next two lines.
    print(f"webserver: {root} can't be served on port {port} yet", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
