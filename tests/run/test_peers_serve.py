"""The grader as server of a student's client, and both over UNIX sockets."""

from __future__ import annotations

from typing import Literal

import pytest

from grader.course.peer_steps import Peer, Serve
from grader.course.steps import Close, Expect, Finish, Start
from grader.trace.model import Outcome
from tests.run.conftest import Stage, missed, seen

MEGABYTE = "x" * 1_000_000
FINISH = Finish(finish="prog")

CLIENT = """
import socket, sys, threading
server = socket.create_connection(("127.0.0.1", 4242))
def send():
    server.sendall(sys.stdin.buffer.read())
    server.shutdown(socket.SHUT_WR)
sender = threading.Thread(target=send)
sender.start()
JOIN
while data := server.recv(65536):
    sys.stdout.buffer.write(data)
"""
BOTH_WAYS = CLIENT.replace("JOIN", "")
FIRST_WRITES = CLIENT.replace("JOIN", "sender.join()")


def test_an_echo_server_sends_a_megabyte_back(stage: Stage) -> None:
    run = stage(BOTH_WAYS, Serve(serve=4242, as_="echo"), _with(MEGABYTE), FINISH)
    assert (run.actors[0].exit, run.actors[0].stdout_bytes) == (0, 1_000_000)
    assert seen(run, "echo.1").data == MEGABYTE


def test_a_client_that_writes_all_before_it_reads_gets_stuck(stage: Stage) -> None:
    run = stage(FIRST_WRITES, Serve(serve=4242, as_="echo"), _with(MEGABYTE), FINISH)
    assert run.outcome is not Outcome.FINISHED
    assert missed(run) is not None


def _with(text: str) -> Start:
    return Start(start="prog", stdin=text)


def test_what_was_received_can_be_expected_and_all_comes_back_at_the_end(stage: Stage) -> None:
    run = stage(
        BOTH_WAYS,
        Serve(serve="4242", as_="echo", reply="at_end", send="hello "),
        _with("you"),
        Peer(peer="echo", expect="you", closed=True),
        FINISH,
    )
    assert (missed(run), run.actors[0].stdout) == (None, "hello you")


@pytest.mark.parametrize(
    ("reply", "received", "stdout"),
    [("silent", "abc", ""), ("close", "", ""), ("echo", "abc", "abc")],
)
def test_the_manners_of_a_server(
    stage: Stage, reply: Literal["silent", "close", "echo"], received: str, stdout: str
) -> None:
    run = stage(BOTH_WAYS, Serve(serve=4242, as_="server", reply=reply), _with("abc"), FINISH)
    assert missed(run) is None
    assert (seen(run, "server.1").data, run.actors[0].stdout) == (received, stdout)


def test_a_server_that_breaks_off_resets(stage: Stage) -> None:
    run = stage(BOTH_WAYS, Serve(serve=4242, as_="server", reply="reset"), _with("abc"), FINISH)
    assert run.actors[0].exit == 1
    assert "ConnectionResetError" in run.actors[0].stderr


def test_a_server_goes_when_told_to(stage: Stage) -> None:
    again = "input()\n" + BOTH_WAYS
    run = stage(
        again,
        Serve(serve=4242, as_="server", reply="silent"),
        Start(start="prog"),
        Peer(peer="server", then="close"),
        Close(close="prog"),
        FINISH,
    )
    assert "EOFError" in run.actors[0].stderr
    again = "print(input(), flush=True)\n" + BOTH_WAYS
    run = stage(
        again,
        Serve(serve=4242, as_="server", reply="silent"),
        Peer(peer="server", then="close"),
        _with("go\n"),
        FINISH,
    )
    assert "ConnectionRefusedError" in run.actors[0].stderr


def test_no_client_ever_comes(stage: Stage) -> None:
    run = stage(
        "input()",
        Serve(serve=4242, as_="s"),
        Start(start="prog", stdin=None),
        Peer(peer="s", expect="x"),
        Close(close="prog"),
        FINISH,
    )
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.message) == (Outcome.DEADLOCK, "it waited for a client of s")


UNIX = """
import socket
listener = socket.socket(socket.AF_UNIX)
listener.bind(ADDRESS)
listener.listen(1)
print("ready", flush=True)
for _ in range(2):
    client, _ = listener.accept()
    client.sendall(client.recv(100) * 2)
    client.close()
"""


@pytest.mark.parametrize(
    ("address", "name"),
    [('"chat.sock"', "unix:chat.sock"), ('"/tmp/x"', "unix:/tmp/x"), (r'"\0quiet"', "unix:@quiet")],
)
def test_a_unix_server_is_reached_by_path_and_by_abstract_name(
    stage: Stage, address: str, name: str
) -> None:
    run = stage(
        UNIX.replace("ADDRESS", address),
        Start(start="prog"),
        Expect(expect="prog", line="ready"),
        Peer(peer="a", connect=name, send="hi", expect="hihi", closed=True),
        Peer(peer="b", connect=name, send="ho", chunk=2, expect="hoho"),
        FINISH,
    )
    assert missed(run) is None


@pytest.mark.parametrize("name", ["unix:chat.sock", "unix:@quiet"])
def test_a_unix_client_finds_our_server(stage: Stage, name: str) -> None:
    address = name.removeprefix("unix:").replace("@", "\\0")
    client = BOTH_WAYS.replace(
        'socket.create_connection(("127.0.0.1", 4242))',
        f'socket.socket(socket.AF_UNIX); server.connect("{address}")',
    )
    run = stage(client, Serve(serve=name, as_="echo"), _with("hello"), FINISH)
    assert (missed(run), run.actors[0].stdout) == (None, "hello")


def test_a_link_does_not_lead_the_grader_out_of_the_sandbox(stage: Stage) -> None:
    run = stage(
        'import os; os.symlink("/proc/1/root/tmp", "out"); os.symlink("/", "root")\n'
        'print("ready", flush=True); input()',
        Start(start="prog"),
        Expect(expect="prog", line="ready"),
        Peer(peer="a", connect="unix:out/x"),
        Close(close="prog"),
    )
    step = missed(run)
    assert step is not None
    assert "out/x" in step.message


def test_an_address_that_is_taken_is_told(stage: Stage) -> None:
    run = stage(
        "", Serve(serve=4242, as_="a"), Serve(serve=4242, as_="b"), Start(start="prog"), FINISH
    )
    step = missed(run)
    assert step is not None
    assert step.message == "b can't listen on port 4242: Address already in use"
