"""The socket family: every call that makes, connects, uses and ends a socket, as events."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Event, KernelObject, Recording

Watch = Callable[..., Recording]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording]) -> Watch:
    """watch("echo"): what this group of calls did."""
    return lambda *words, **options: traced([compiled("socket_calls"), *words], **options)


def sockets(recording: Recording, process: str | None = None) -> list[Event]:
    return [
        event
        for event in recording.events
        if event.family == "socket" and process in (None, event.process)
    ]


def one(recording: Recording, event: str, process: str = "main") -> Event:
    (found,) = [known for known in sockets(recording, process) if known.event == event]
    return found


def told(events: list[Event]) -> list[tuple[str, str | int]]:
    """Event without its family, and how it ended: the error or the bytes."""
    return [
        (event.event.partition(".")[2], event.errno or ("" if event.bytes is None else event.bytes))
        for event in events
    ]


def by_id(recording: Recording) -> dict[str, KernelObject]:
    return {found.id: found for found in recording.objects}


def test_both_ends_of_a_tcp_connection_are_one_object(watch: Watch) -> None:
    recording = watch("echo")
    server = one(recording, "socket.listen").object
    assert server is not None and re.fullmatch(r"tcp:127\.0\.0\.1:\d+", server)
    talk = f"{server}#1"
    assert told([e for e in sockets(recording, "main") if e.object == talk]) == [
        ("accept", ""),
        ("receive", 5),
        ("send", 5),
        ("eof", 0),
        ("close", ""),
    ]
    assert told([e for e in sockets(recording, "main.1") if e.object == talk]) == [
        ("connect", ""),
        ("send", 5),
        ("shutdown", ""),
        ("receive", 5),
        ("eof", 0),
        ("close", ""),
    ]
    moved = [e.data for e in sockets(recording) if e.event in ("socket.send", "socket.receive")]
    assert moved == ["hello"] * 4
    assert by_id(recording)[talk].created_by == "main.1"
    assert by_id(recording)[server].attributes["listening"] is True


def test_a_socket_is_told_from_its_making_to_its_address(watch: Watch) -> None:
    recording = watch("echo")
    made, option, bound, listened = sockets(recording, "main")[:4]
    assert (made.object, option.object, made.fd) == ("socket1", "socket1", 3)
    assert made.args == {"domain": "inet", "type": "stream"}
    assert option.args == {"option": "SO_REUSEADDR", "value": 1}
    assert bound.object == listened.object == f"tcp:{bound.args['address']}"
    assert listened.args == {"backlog": 5, "address": bound.args["address"]}
    assert by_id(recording)["socket1"].attributes["became"] == bound.object


def test_accept_tells_the_client_and_both_descriptors(watch: Watch) -> None:
    recording = watch("echo")
    accepted = one(recording, "socket.accept")
    listened = one(recording, "socket.listen")
    assert (accepted.fd, accepted.args["new_fd"]) == (listened.fd, accepted.result)
    assert accepted.args["listener"] == listened.object
    assert accepted.args["flags"] == ["SOCK_CLOEXEC"]
    assert str(accepted.args["peer"]).startswith("127.0.0.1:")
    connected = one(recording, "socket.connect", "main.1")
    assert connected.args == {"address": listened.args["address"]}
    assert one(recording, "socket.shutdown", "main.1").args == {"how": "write"}


def test_closing_tells_who_else_has_the_same_end_open(watch: Watch) -> None:
    recording = watch("echo")
    closed = [event for event in sockets(recording) if event.event == "socket.close"]
    inherited = closed[0]
    assert (inherited.process, inherited.args["left"]) == ("main.1", ["main"])
    assert [event.args["left"] for event in closed[1:]] == [[], [], []]


def test_a_client_that_breaks_off_is_an_error_of_the_server(watch: Watch) -> None:
    recording = watch("reset")
    linger = [e for e in sockets(recording) if e.args.get("option") == "SO_LINGER"]
    assert [event.args["value"] for event in linger] == [0]
    assert told(sockets(recording))[-4:-2] == [("receive", "ECONNRESET"), ("send", "EPIPE")]


def test_each_connection_to_a_server_is_its_own_object(watch: Watch) -> None:
    recording = watch("crowd")
    server = one(recording, "socket.listen").object
    for number in (1, 2, 3):
        own = [event for event in sockets(recording) if event.object == f"{server}#{number}"]
        moved = [event for event in told(own) if event[0] in ("send", "receive")]
        assert moved == [("send", number), ("receive", number)]
    connects = [e.errno for e in sockets(recording) if e.event == "socket.connect"]
    assert connects == [None, "EINPROGRESS", None]


def test_failures_keep_their_errors(watch: Watch) -> None:
    recording = watch("errors")
    failed = [
        (event.event, event.errno, event.object)
        for event in sockets(recording)
        if event.errno is not None
    ]
    server = one(recording, "socket.listen").object
    assert failed == [
        ("socket.connect", "ECONNREFUSED", "socket2"),
        ("socket.bind", "EADDRINUSE", "socket3"),
        ("socket.receive", "ENOTCONN", "socket3"),
        ("socket.send", "EPIPE", "socket3"),
        ("socket.shutdown", "ENOTCONN", "socket3"),
        ("socket.accept", "EAGAIN", server),
        ("socket.bind", "EFAULT", "socket3"),
        ("socket.create", "EAFNOSUPPORT", None),
        ("socket.pair", "EOPNOTSUPP", None),
    ]


def test_an_ipv4_client_of_an_ipv6_server_is_found(watch: Watch) -> None:
    recording = watch("internet6")
    listened, accepted = one(recording, "socket.listen"), one(recording, "socket.accept")
    port = str(listened.args["address"]).removeprefix("[::]:")
    assert listened.object == f"tcp:[::]:{port}"
    connected = one(recording, "socket.connect")
    assert accepted.object == connected.object == f"tcp:127.0.0.1:{port}#1"


def test_a_datagram_and_its_answer_are_one_object(watch: Watch) -> None:
    recording = watch("datagrams")
    server = one(recording, "socket.bind").object
    assert server is not None and server.startswith("udp:127.0.0.1:")
    moved = [e for e in sockets(recording) if e.event in ("socket.send", "socket.receive")]
    assert {event.object for event in moved} == {server}
    assert told([event for event in moved if event.process == "main"]) == [
        ("receive", 3),
        ("send", 6),
        ("receive", 0),  # an empty datagram is no end of file
        ("send", 6),
    ]
    assert told([event for event in moved if event.process == "main.1"]) == [
        ("send", 3),
        ("receive", 6),
        ("send", 0),
        ("receive", 2),
    ]
    asked = next(event for event in moved if event.process == "main.1")
    assert f"udp:{asked.args['to']}" == server
    answers = [event for event in moved if event.process == "main"]
    (client,) = {event.args.get("from", event.args.get("to")) for event in answers}
    assert str(client).startswith("127.0.0.1:")


@pytest.mark.parametrize("name", ["./gate", "@gate"])
def test_a_unix_server_is_called_by_its_path_or_abstract_name(
    name: str, watch: Watch, tmp_path: Path
) -> None:
    recording = watch("stream", name, cwd=tmp_path)
    server = f"unix:{name.removeprefix('./')}"
    assert one(recording, "socket.listen").object == server
    assert one(recording, "socket.bind").args == {"address": name}
    # the client was gone before the server accepted it
    assert one(recording, "socket.connect", "main.1").object == f"{server}#1"
    accepted = one(recording, "socket.accept")
    assert (accepted.object, accepted.args["listener"]) == (f"{server}#1", server)
    assert told([e for e in sockets(recording, "main") if e.object == f"{server}#1"])[1:] == [
        ("receive", 5),
        ("eof", 0),
        ("close", ""),
    ]


@pytest.mark.parametrize("name", ["gate", "@gate"])
def test_a_unix_datagram_belongs_to_its_receiver(name: str, watch: Watch, tmp_path: Path) -> None:
    recording = watch("datagram", name, cwd=tmp_path)
    assert one(recording, "socket.send").object == f"unix:{name}"
    assert one(recording, "socket.send").args == {"to": name}
    peeked, received = one(recording, "socket.peek"), one(recording, "socket.receive")
    assert (peeked.object, peeked.data, peeked.args) == (
        f"unix:{name}",
        "one",
        {"flags": ["MSG_PEEK"]},
    )
    assert (received.object, received.bytes) == (f"unix:{name}", 3)


def test_a_pair_is_one_object_in_parent_and_child(watch: Watch) -> None:
    recording = watch("pair")
    made = one(recording, "socket.pair")
    assert made.object == "socketpair1"
    assert made.args == {"domain": "unix", "type": "stream", "first_fd": 3, "second_fd": 4}
    assert {event.object for event in sockets(recording)} == {"socketpair1"}
    # read(2) and write(2) on a socket are what recv(2) and send(2) are
    talk = [e for e in sockets(recording) if e.event not in ("socket.close", "socket.pair")]
    assert told([event for event in talk if event.process == "main"]) == [
        ("receive", 14),
        ("send", 4),
    ]
    assert told([event for event in talk if event.process == "main.1"]) == [
        ("send", 14),
        ("receive", 4),
        ("eof", 0),
    ]


def test_a_passed_descriptor_is_known_to_its_receiver(watch: Watch) -> None:
    recording = watch("rights")
    made = next(e for e in recording.events if e.event == "pipe.create" and e.process == "main")
    pipe = made.object
    assert one(recording, "socket.send").args["passed"] == [pipe]
    assert one(recording, "socket.receive", "main.1").args["passed"] == [pipe]
    (read,) = [event for event in recording.events if event.event == "pipe.read"]
    assert (read.process, read.object, read.data) == ("main.1", pipe, "through")


def test_a_descriptor_taken_from_another_process_is_known(watch: Watch) -> None:
    recording = watch("borrow")
    if recording.processes[0].exit == 77:
        pytest.skip("pidfd_getfd(2) is not allowed here")
    dup = next(event for event in recording.events if event.event == "pipe.dup")
    made = next(e for e in recording.events if e.event == "pipe.create" and e.process == "main.1")
    assert (dup.call, dup.process, dup.target) == ("pidfd_getfd", "main", "main.1")
    assert (dup.object, dup.fd) == (made.object, made.args["write_fd"])
    (write,) = [e for e in recording.events if e.event == "pipe.write"]
    assert (write.object, write.fd, write.data) == (made.object, dup.args["new_fd"], "borrowed")


def test_many_messages_in_one_call_are_many_events(watch: Watch) -> None:
    recording = watch("many")
    moved = [e for e in sockets(recording) if e.event in ("socket.send", "socket.receive")]
    assert [(e.call, e.event, e.bytes, e.data) for e in moved[:6]] == [
        ("sendmmsg", "socket.send", 5, "abcde"),
        ("sendmmsg", "socket.send", 2, "ab"),
        ("recvmmsg", "socket.receive", 4, "abcd"),
        ("recvmmsg", "socket.receive", 2, "ab"),
        ("writev", "socket.send", 5, "abcde"),
        ("readv", "socket.receive", 0, ""),
    ]
    assert moved[2].args == {"cut": True, "flags": ["MSG_WAITFORONE"]}
    assert [(e.call, e.event, e.bytes) for e in moved[-3:]] == [
        ("write", "socket.send", 7),
        ("splice", "socket.receive", 7),
        ("sendfile", "socket.send", 6),
    ]
    assert moved[-1].data == "a file"


def test_junk_in_unused_register_bits_changes_nothing(watch: Watch) -> None:
    made, sent, received, shut, ended, created, option, listened = sockets(watch("junk"))[:8]
    assert made.args["type"] == "seqpacket"
    assert (sent.event, sent.fd, sent.data) == ("socket.send", made.args["first_fd"], "hi")
    assert sent.args == {"flags": ["MSG_EOR"]}
    assert (received.fd, received.data) == (made.args["second_fd"], "hi")
    assert received.args == {"flags": ["MSG_DONTWAIT", "0x80000"]}
    assert (shut.event, shut.args) == ("socket.shutdown", {"how": "write"})
    assert ended.event == "socket.eof"
    assert created.args == {"domain": "inet", "type": "stream", "flags": ["SOCK_CLOEXEC"]}
    assert option.args == {"option": "SO_REUSEADDR", "value": 1}
    assert (listened.event, listened.args["backlog"]) == ("socket.listen", 3)
    assert listened.object == f"tcp:{listened.args['address']}"


_PYTHON = """
import os, socket
server = socket.create_server(("127.0.0.1", 0))
if os.fork() == 0:
    with socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x" * 100_000)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    os._exit(0)
talk, _ = server.accept()
while data := talk.recv(65536):
    talk.sendall(data)
talk.close()
server.close()
os.wait()
"""


def test_python_programs_read_the_same(traced: Callable[..., Recording]) -> None:
    recording = traced([sys.executable, "-c", _PYTHON])
    talk = one(recording, "socket.accept").object
    assert talk == one(recording, "socket.connect", "main.1").object
    moved = {(t.process, t.event): t.bytes for t in recording.totals if t.object == talk}
    assert moved["main", "socket.receive"] == moved["main", "socket.send"] == 100_000
    assert moved["main.1", "socket.receive"] == moved["main.1", "socket.send"] == 100_000
    assert [e.process for e in sockets(recording) if e.event == "socket.eof"] == ["main", "main.1"]
