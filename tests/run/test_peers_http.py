"""The grader as HTTP client."""

from __future__ import annotations

import pytest

from grader.course.peer_steps import Request, Response
from grader.course.steps import Finish, Signal, Start, Until, Wait
from grader.run.http import Parsed, mismatch, parse, request_bytes
from grader.trace.model import Outcome
from tests.run.conftest import Stage, missed, seen

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi"


def test_a_request_is_written_as_asked() -> None:
    plain = Request(request="/a/../b", port="80")
    assert request_bytes(plain) == (
        b"GET /a/../b HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\n\r\n"
    )
    post = Request(request="/", port=80, method="POST", body="ü", headers={"X-A": 1})
    assert request_bytes(post).endswith(b"Content-Length: 2\r\nX-A: 1\r\n\r\n\xc3\xbc")
    assert request_bytes(Request(request="/", port=80, raw="x")) == b"x"


@pytest.mark.parametrize(
    ("received", "status", "body", "complete"),
    [
        (OK, 200, b"hi", True),
        (OK[:-1], 200, b"h", False),
        (OK + b"!", 200, b"hi!", False),
        (OK.replace(b"\r\n", b"\n"), 200, b"hi", True),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", 404, b"", True),
        (b"HTTP/1.1 204\r\n\r\n", 204, b"", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 200, b"", False),
        (b"HTTP/1.1 200 OK\r\nContent-Le", None, b"", False),
        (b"<p>hi</p>", None, b"", False),
        (b"", None, b"", False),
    ],
)
def test_a_response_is_taken_apart(
    received: bytes, status: int | None, body: bytes, complete: bool
) -> None:
    parsed = parse(received)
    assert (parsed.status, parsed.body, parsed.complete) == (status, body, complete)


def test_the_answer_to_head_has_no_body() -> None:
    assert parse(OK[:-2], has_body=False).complete


def test_how_a_response_differs_is_told() -> None:
    page = parse(OK)
    assert mismatch(page, Response(status="200", body="hi")) is None
    assert mismatch(page, Response(headers={"Content-Type": "text/html"})) is None
    assert mismatch(page, Response(headers={"content-length": 2})) is None
    assert mismatch(page, Response(status=404)) == "the status is 200, and 404 was expected"
    assert mismatch(page, Response(headers={"content-type": "text/plain"})) is not None
    assert mismatch(page, Response(headers={"etag": "x"})) is not None
    assert mismatch(page, Response(body="ho")) is not None
    assert mismatch(Parsed(None), Response()) == "the answer is no HTTP response"
    assert mismatch(parse(OK[:-1]), Response(status=200)) is not None


SERVER = """
import http.server, os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
with open("index.html", "w") as file:
    file.write("<p>hi</p>")
http.server.HTTPServer(("127.0.0.1", 4242), Handler).serve_forever()
"""
START = (Start(start="prog"), Wait(wait="prog", until=Until(listening=4242)))
STOP = (Signal(signal="TERM", to="prog"), Finish(finish="prog"))


def test_pages_are_fetched_and_noted(stage: Stage) -> None:
    html = Response(status=200, headers={"Content-Type": "text/html"}, body="<p>hi</p>")
    run = stage(
        SERVER,
        *START,
        Request(request="/", port=4242, as_="index", expect=html),
        Request(request="/nowhere", port="4242", as_="missing"),
        Request(request="/", port=4242, method="HEAD", as_="head"),
        Request(request="/", port=4242, clients=12, as_="crowd", expect=html),
        *STOP,
    )
    assert missed(run) is None
    index = seen(run, "index")
    assert (index.data, index.state["status"]) == ("<p>hi</p>", 200)
    assert index.state["content-type"] == "text/html"
    assert seen(run, "missing").state["status"] == 404
    assert (seen(run, "head").data, seen(run, "head").state["complete"]) == ("", True)
    assert seen(run, "crowd.12").data == "<p>hi</p>"


def test_an_unexpected_answer_ends_the_scenario(stage: Stage) -> None:
    step = missed(
        stage(SERVER, *START, Request(request="/", port=4242, expect=Response(status=404)), *STOP)
    )
    assert step is not None
    assert step.message == "/: the status is 200, and 404 was expected"


def test_a_server_that_does_not_close_is_stuck_in_front_of_us(stage: Stage) -> None:
    clinging = """
import socket
listener = socket.create_server(("127.0.0.1", 4242))
client, _ = listener.accept()
client.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
listener.accept()
"""
    run = stage(clinging, *START, Request(request="/", port=4242, as_="page"), *STOP)
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.message) == (
        Outcome.DEADLOCK,
        "it waited for the answer to page and the end of its connection (27 bytes came)",
    )
    assert seen(run, "page").state["status"] == 204
