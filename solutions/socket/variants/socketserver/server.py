"""server PORT: a TCP echo server, threads of the standard library."""

import shutil
import signal
import socketserver
import sys
import threading


def port_of(arguments: list[str], program: str) -> int:
    """The only argument, if it is a port; otherwise the program ends."""
    if len(arguments) == 1 and arguments[0].isascii() and arguments[0].isdigit():
        port = int(arguments[0])
        if 1 <= port <= 65535:
            return port
    print(f"usage: {program} PORT", file=sys.stderr)
    sys.exit(2)


class Echo(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self) -> None:
        try:
            shutil.copyfileobj(self.rfile, self.wfile)
        except ConnectionError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


def main() -> int:
    port = port_of(sys.argv[1:], "server")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        server = Server(("127.0.0.1", port), Echo)
    except OSError as error:
        print(f"server: {error}", file=sys.stderr)
        return 1
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.sigwait([signal.SIGTERM])
    return 0


if __name__ == "__main__":
    sys.exit(main())
