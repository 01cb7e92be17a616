"""webserver PORT ROOT: the standard library's own server, forking."""

import contextlib
import http.server
import os
import signal
import socketserver
import sys
import urllib.parse

TYPES = {"html": "text/html", "txt": "text/plain", "css": "text/css", "png": "image/png"}


class Server(socketserver.ForkingMixIn, http.server.HTTPServer):
    def stop(self, *_):
        for child in self.active_children or ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os._exit(0)


class Handler(http.server.BaseHTTPRequestHandler):
    default_request_version = "HTTP/1.1"  # so that a 400 has a status line too

    def do_GET(self):
        path = urllib.parse.unquote(self.path)
        name = "index.html" if path == "/" else path.lstrip("/")
        try:
            place = os.path.realpath(os.path.join(ROOT, name))
            if not place.startswith(ROOT + os.sep):
                raise FileNotFoundError(place)
            with open(place, "rb") as file:
                body = file.read()
        except (OSError, ValueError):
            self.send_error(404)
            return
        self.send_response(200)
        kind = TYPES.get(name.rpartition(".")[2]) if "." in name else None
        self.send_header("content-type", kind or "application/octet-stream")
        self.send_header("content-length", len(body))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return lambda: self.send_error(405)
        raise AttributeError(name)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdecimal():
        print("usage: webserver PORT ROOT", file=sys.stderr)
        sys.exit(2)
    ROOT = os.path.realpath(sys.argv[2])
    try:
        server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    except OSError as error:
        print(f"bind: {error}", file=sys.stderr)
        sys.exit(1)
    signal.signal(signal.SIGTERM, server.stop)
    server.serve_forever()
