"""server PORT: a TCP echo server, ten threads."""

import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def serve(client: socket.socket) -> None:
    with client:
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except ConnectionError:
            pass  # the client broke off: only it is gone


def accept_all(listener: socket.socket, workers: ThreadPoolExecutor) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except ConnectionAbortedError:
            continue
        except OSError as error:
            print(f"server: accept: {error.strerror}", file=sys.stderr, flush=True)
            os._exit(1)
        workers.submit(serve, client)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (arguments[0].isascii() and arguments[0].isdigit()):
        print("usage: server PORT", file=sys.stderr)
        return 2
    if not 1 <= int(arguments[0]) <= 65535:
        print("usage: server PORT", file=sys.stderr)
        return 2
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        listener = socket.create_server(("127.0.0.1", int(arguments[0])), backlog=64)
    except OSError as error:
        print(f"server: bind: {error.strerror}", file=sys.stderr)
        return 1
    workers = ThreadPoolExecutor(11)
    workers.submit(accept_all, listener, workers)
    signal.sigwait({signal.SIGTERM})
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
