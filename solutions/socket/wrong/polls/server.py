"""server PORT: a TCP echo server, a process for every client, looked for a hundred times a second."""

import os
import select
import signal
import socket
import sys


def port_of(arguments: list[str], program: str) -> int:
    """The only argument, if it is a port; otherwise the program ends."""
    if len(arguments) == 1 and arguments[0].isascii() and arguments[0].isdigit():
        port = int(arguments[0])
        if 1 <= port <= 65535:
            return port
    print(f"usage: {program} PORT", file=sys.stderr)
    sys.exit(2)


def serve(client: socket.socket) -> None:
    with client.makefile("rwb", buffering=0) as stream:
        while data := stream.read(65536):
            client.sendall(data)


def start(client: socket.socket, listener: socket.socket) -> int:
    """A child that serves the client; its PID."""
    child = os.fork()
    if child == 0:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            listener.close()
            serve(client)
        except ConnectionError:
            pass
        finally:
            os._exit(0)
    client.close()
    return child


def main() -> int:
    port = port_of(sys.argv[1:], "server")
    awake, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakes)
    for number in signal.SIGTERM, signal.SIGCHLD:
        signal.signal(number, lambda *_: None)
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        print(f"server: {error}", file=sys.stderr)
        return 1
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([listener, awake], [], [], 0.01)
        signals = os.read(awake, 1024) if awake in ready else b""
        if signal.SIGTERM in signals:
            break
        if signal.SIGCHLD in signals:
            children -= {pid for pid in children if os.waitpid(pid, os.WNOHANG)[0]}
        if listener in ready:
            children.add(start(listener.accept()[0], listener))
    for pid in children:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
