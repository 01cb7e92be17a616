"""webserver PORT ROOT: processes of multiprocessing, paths of pathlib."""

import multiprocessing
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import unquote

TYPES = {".html": "text/html", ".txt": "text/plain", ".css": "text/css", ".png": "image/png"}
REASONS = {200: "fine", 400: "what?", 404: "nothing there", 405: "GET only"}


def find(root, path):
    place = (root / path.lstrip("/")).resolve()
    if not place.is_relative_to(root) or not place.is_file():
        raise FileNotFoundError(place)
    return place.read_bytes()


def answer(root, line):
    match line.decode("latin-1").split():
        case ["GET", path, version] if version.startswith("HTTP/"):
            path = unquote(path)
            path = "/index.html" if path == "/" else path
            try:
                body = find(root, path)
            except (OSError, ValueError):
                return 404, "", b""
            return 200, TYPES.get(Path(path).suffix, "application/octet-stream"), body
        case [_, _, version] if version.startswith("HTTP/"):
            return 405, "", b""
    return 400, "", b""


def serve(connection, root):
    with connection, connection.makefile("rwb") as stream:
        line = stream.readline()
        while stream.readline().strip():  # the headers
            pass
        status, kind, body = answer(root, line)
        stream.write(b"HTTP/1.0 %d %s\r\n" % (status, REASONS[status].encode()))
        if status == 200:
            stream.write(f"CONTENT-TYPE:{kind}\r\n".encode())
            stream.write(f"CONTENT-LENGTH:{len(body)}\r\nCONNECTION: CLOSE\r\n".encode())
        stream.write(b"\r\n" + body)


def main():
    if len(sys.argv) != 3 or not sys.argv[1].isdecimal():
        print("usage: webserver PORT ROOT", file=sys.stderr)
        sys.exit(2)
    root = Path(sys.argv[2]).resolve()
    try:
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    except OSError as error:
        print("webserver: bind failed:", error.strerror, file=sys.stderr)
        sys.exit(1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # which terminates the daemons
    context = multiprocessing.get_context("fork")
    while True:
        connection, _ = listener.accept()
        with connection:
            context.Process(target=serve, args=(connection, root), daemon=True).start()
        multiprocessing.active_children()  # reaps those that have ended


if __name__ == "__main__":
    main()
