"""Waiting at a socket in vain is a deadlock at once; with someone to end the wait, or a time limit
of the socket's own, the program finishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.trace.model import Outcome, Recording

WAYS = {
    "pair": [
        ("main", "read", "socketpair1", "data or end of file", ["main.1"]),
        ("main.1", "read", "socketpair1", "data or end of file", ["main"]),
    ],
    "itself": [("main", "recvfrom", "socketpair1", "data or end of file", ["main"])],
    "accept": [("main", "accept", "tcp:127.0.0.1:8080", "a connection", [])],
    "silent": [
        ("main", "recvfrom", "tcp:127.0.0.1:8080#1", "data or end of file", ["main.1"]),
        ("main.1", "recvfrom", "tcp:127.0.0.1:8080#1", "data or end of file", ["main"]),
    ],
    "backlog": [
        ("main", "wait4", None, "exit of main.1", ["main.1"]),
        ("main.1", "recvfrom", "tcp:127.0.0.1:8080#1", "data or end of file", ["main"]),
    ],
    "datagram": [("main", "recvfrom", "udp:127.0.0.1:8080", "a datagram", [])],
    "connect": [("main", "connect", "unix:@gate", "room in the backlog", ["main"])],
    "full": [
        ("main", "sendto", "socketpair1", "room", ["main.1"]),
        ("main.1", "read", "socketpair2", "data or end of file", ["main.1"]),
    ],
    "poll": [("main", "poll", "tcp:127.0.0.1:8080", "a connection", [])],
}


@pytest.mark.parametrize("way", WAYS)
def test_waiting_in_vain_is_proven(
    way: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), way)
    assert recording.outcome is Outcome.DEADLOCK
    assert [
        (wait.process, wait.call, wait.object, wait.needs, [h.process for h in wait.holders])
        for wait in recording.waits
    ] == WAYS[way]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["helper", "timeout"])
def test_a_wait_that_ends_is_no_deadlock(
    way: str, how: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), way, how)
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")


def test_who_send_to_each_other_and_never_read_are_stuck(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), "both-full")
    assert recording.outcome is Outcome.DEADLOCK
    assert [(wait.call, wait.needs) for wait in recording.waits] == [("sendto", "room")] * 2


@pytest.mark.parametrize("way", ["held-back", "given-up"])
def test_what_tcp_does_by_itself_ends_a_wait(
    way: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), way)
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")


def test_a_listener_hands_its_time_limit_to_what_it_accepts(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), "silent", "timeout")
    waited = [event for event in recording.events if event.event == "socket.receive"]
    assert [(event.process, event.errno) for event in waited] == [("main", "EAGAIN")]


def test_holders_name_the_descriptor_of_the_other_end(
    compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("stuck_sockets"), "pair")
    parent, child = recording.waits
    assert [(h.fd, h.end) for h in parent.holders] == [(child.fd, "other")]
    assert [(h.fd, h.end) for h in child.holders] == [(parent.fd, "other")]
