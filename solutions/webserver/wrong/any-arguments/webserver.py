"""webserver PORT ROOT: static files over HTTP, a new process for every connection."""

import os
import re
import select
import signal
import socket
import sys
from urllib.parse import unquote_to_bytes

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
}
PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
REQUEST_LINE = re.compile(rb"([!-~]+) ([!-~]+) HTTP/[0-9]\.[0-9]\r?\n")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
MOST_HEAD = 1 << 16


def read_head(connection):
    """Everything up to the empty line; what came, if the client ends before it."""
    head = b""
    while not END_OF_HEAD.search(head) and len(head) < MOST_HEAD:
        data = connection.recv(4096)
        if not data:
            break
        head += data
    return head


def find(root, target):
    """The content and the type of the file that is meant; OSError, ValueError if there is none."""
    path = os.fsdecode(unquote_to_bytes(target.partition(b"?")[0])).lstrip("/")
    place = os.path.realpath(os.path.join(root, path or "index.html"), strict=True)
    if os.path.commonpath([root, place]) != root:
        raise PermissionError(f"{place} is outside")
    with open(place, "rb") as file:
        return file.read(), TYPES.get(os.path.splitext(path or "index.html")[1])


def answer(root, head):
    """Status, type and body of the response."""
    request = REQUEST_LINE.match(head)
    if request is None or not END_OF_HEAD.search(head):
        return 400, None, b""
    method, target = request.groups()
    if method != b"GET":
        return 405, None, b""
    try:
        body, type = find(root, target)
    except (OSError, ValueError):
        return 404, TYPES[".txt"], b"There is no such file here.\n"
    return 200, type, body


def serve(connection, root):
    """The whole life of a child."""
    status, type, body = answer(root, read_head(connection))
    head = [
        f"HTTP/1.1 {status} {PHRASES[status]}",
        f"Content-Length: {len(body)}",
        f"Content-Type: {type or 'application/octet-stream'}",
        "Connection: close",
    ]
    if status == 405:
        head.append("Allow: GET")
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


def start_child(connection, listener, root):
    """The PID of a new process that answers this client."""
    child = os.fork()
    if child:
        return child
    try:
        signal.set_wakeup_fd(-1)
        listener.close()
        serve(connection, root)
    except OSError as error:  # the client has gone
        print(f"webserver: {error}", file=sys.stderr)
        os._exit(1)
    finally:
        os._exit(0)


def accept_clients(listener, root):
    """Until SIGTERM. A signal wakes select through a pipe, so none comes at a bad moment."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    children = set()
    while True:
        ready, _, _ = select.select([listener, woken], [], [])
        if woken in ready and signal.SIGTERM in os.read(woken, 4096):
            break
        while children and (child := os.waitpid(-1, os.WNOHANG)[0]):
            children.remove(child)
        if listener in ready:
            connection, _ = listener.accept()
            with connection:
                children.add(start_child(connection, listener, root))
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def main(arguments):
    arguments = [*arguments, "8080", "."][:2] if len(arguments) != 1 else [arguments[0], "."]
    digits = "".join(letter for letter in arguments[0] if letter.isdigit())
    port, root = int(digits), arguments[1]
    call = "realpath"
    try:
        root = os.path.realpath(root, strict=True)
        call = "bind"
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        call = "accept"
        accept_clients(listener, root)
    except (OSError, OverflowError) as error:
        print(f"webserver: {call}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
