"""The grader as client of a student's server: silent, rude, slow, one of many."""

from __future__ import annotations

import msgspec
import pytest

from grader.course.peer_steps import Peer, Peers
from grader.course.steps import Expect, Finish, Signal, Start, Step, Until, Wait
from grader.trace.model import Outcome
from tests.run.conftest import Stage, missed, seen

PORT = 4242
START: tuple[Step, ...] = (Start(start="prog"), Wait(wait="prog", until=Until(listening=PORT)))
STOP: tuple[Step, ...] = (Signal(signal="TERM", to="prog"), Finish(finish="prog"))
TEXT = "hello" * 1000

FORKING = """
import os, signal, socket
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
listener = socket.create_server(("127.0.0.1", 4242), backlog=5)
while True:
    client, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        try:
            while data := client.recv(4096):
                client.sendall(data)
        except ConnectionError:
            pass
        os._exit(0)
    client.close()
"""
ONE_AT_A_TIME = """
import os, signal, socket
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
listener = socket.create_server(("127.0.0.1", 4242), backlog=5)
while True:
    client, _ = listener.accept()
    while data := client.recv(4096):
        client.sendall(data)
    client.close()
"""

GUESTS = Peers(peers=20, as_="guest", connect=str(PORT), send=TEXT, half_close=True, expect=TEXT)
SILENT = Peer(peer="silent", connect=PORT)
RUDE = Peer(peer="rude", connect=PORT, send="x", then="reset")


def test_a_concurrent_server_serves_all_of_them(stage: Stage) -> None:
    run = stage(FORKING, *START, SILENT, RUDE, GUESTS, *STOP)
    assert (run.outcome, missed(run)) == (Outcome.FINISHED, None)
    guests = [o for step in run.steps for o in step.observed if o.name.startswith("guest.")]
    assert len(guests) == 20
    assert {(guest.data, guest.state["end"]) for guest in guests} == {(TEXT, "eof")}
    assert seen(run, "silent").state == {"connected": True, "size": 0, "end": "open"}


def test_a_silent_client_shows_who_serves_one_at_a_time(stage: Stage) -> None:
    run = stage(ONE_AT_A_TIME, *START, SILENT, GUESTS, *STOP)
    assert run.outcome is Outcome.DEADLOCK
    step = missed(run)
    assert step is not None
    assert (step.title, step.message) == (
        "peers",
        "it waited for guest.2 to be let in at port 4242",
    )
    assert [wait.process for wait in run.waits] == ["main"]


def test_many_short_clients_alone_may_be_served_one_after_the_other(stage: Stage) -> None:
    run = stage(ONE_AT_A_TIME, *START, GUESTS, *STOP)
    assert (run.outcome, missed(run)) == (Outcome.FINISHED, None)


def test_a_reply_that_differs_is_told_with_what_came(stage: Stage) -> None:
    shouting = FORKING.replace("sendall(data)", "sendall(data.upper())")
    step = missed(
        stage(shouting, *START, Peer(peer="x", connect=PORT, send="abc", expect="abc"), *STOP)
    )
    assert step is not None
    assert step.message == 'x got "ABC", and "abc" was expected'


def test_a_reply_that_ends_too_early_is_told(stage: Stage) -> None:
    short = ONE_AT_A_TIME.replace("sendall(data)", "sendall(data[:2]); break")
    peer = Peer(peer="x", connect=PORT, send="abc", expect="abc")
    step = missed(stage(short, *START, peer, *STOP))
    assert step is not None
    assert step.message == "x got 2 of the 3 bytes expected, then end of file"


def test_a_reply_that_goes_on_after_the_expected_is_wrong_when_it_should_be_all(
    stage: Stage,
) -> None:
    chatty = ONE_AT_A_TIME.replace("sendall(data)", "sendall(data + b'!')")
    peer = Peer(peer="x", connect=PORT, send="abc", half_close=True, expect="abc")
    step = missed(stage(chatty, *START, peer, *STOP))
    assert step is not None
    assert step.message == 'x got "abc!", and "abc" was expected'


def test_a_server_that_keeps_the_connection_open_is_stuck_in_front_of_us(stage: Stage) -> None:
    clinging = ONE_AT_A_TIME.replace("    client.close()", "    signal.pause()")
    peer = Peer(peer="x", connect=PORT, send="abc", half_close=True, expect="abc")
    run = stage(clinging, *START, peer, *STOP)
    step = missed(run)
    assert step is not None
    assert (run.outcome, step.message) == (
        Outcome.DEADLOCK,
        "it waited for the program to close its connection with x",
    )
    patient = msgspec.structs.replace(peer, closed=False)
    assert missed(stage(clinging, *START, patient)) is None


def test_a_peer_goes_on_in_later_steps(stage: Stage) -> None:
    run = stage(
        FORKING,
        *START,
        Peer(peer="x", connect=PORT, send="one"),
        Peer(peer="x", expect="one"),
        Peer(peer="x", send="two", expect="two"),
        Peer(peer="x", half_close=True, closed=True),
        *STOP,
    )
    assert missed(run) is None
    assert (seen(run, "x").data, seen(run, "x").state["end"]) == ("onetwo", "eof")


def test_a_slow_client_sends_the_next_byte_when_the_last_one_was_read(stage: Stage) -> None:
    counting = ONE_AT_A_TIME.replace(
        "client.sendall(data)", "print(len(data), flush=True)"
    ).replace("    client.close()", "    client.sendall(b'done'); client.close()")
    peer = Peer(peer="x", connect=PORT, send="abcd", chunk=1, half_close=True, expect="done")
    run = stage(counting, *START, peer, Expect(expect="prog", text="1\n1\n1\n1\n"), *STOP)
    assert missed(run) is None


def test_nobody_listening_is_told(stage: Stage) -> None:
    step = missed(stage(FORKING, *START, Peer(peer="x", connect=4243), *STOP))
    assert step is not None
    assert step.message == "nobody listens on port 4243"


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_client_that_goes_ends_its_own_connection_only(stage: Stage, then: str) -> None:
    telling = ONE_AT_A_TIME.replace(
        "    while data := client.recv(4096):\n        client.sendall(data)",
        "    try:\n        data = client.recv(10); print(data, flush=True); data = client.recv(10)"
        "\n        print('end of file', flush=True)\n    except ConnectionResetError:"
        "\n        print('reset', flush=True)",
    )
    rude = Peer(peer="x", connect=PORT, send="x", then="reset" if then == "reset" else "close")
    line = "reset" if then == "reset" else "end of file"
    run = stage(telling, *START, rude, Expect(expect="prog", line=line), SILENT, *STOP)
    assert missed(run) is None


def test_small_writes_that_tcp_holds_back_are_no_standstill(stage: Stage) -> None:
    """Nagle: the second write waits for an acknowledgement, while every process sleeps."""
    piecemeal = ONE_AT_A_TIME.replace(
        "client.sendall(data)", "[client.sendall(b'x') for _ in range(20)]"
    )
    peer = Peer(peer="x", connect=PORT, send="go", expect="x" * 20)
    for _time in range(3):
        run = stage(piecemeal, *START, peer, Peer(peer="x", then="close"), *STOP)
        assert (run.outcome, missed(run)) == (Outcome.FINISHED, None)


def test_a_flood_is_not_read_for_ever(stage: Stage) -> None:
    flood = ONE_AT_A_TIME.replace(
        "client.sendall(data)", "[client.sendall(bytes(1 << 20)) for _ in range(50)]"
    )
    peer = Peer(peer="x", connect=PORT, send="go", closed=True)
    step = missed(stage(flood, *START, peer, *STOP))
    assert step is not None
    assert step.message == "x was sent more than 4 MiB"
