"""`grade trace` says that nothing can go on only where nobody from outside is awaited."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.kernel.decode.socket_waits import CONNECTION, DATAGRAM, NOTICE
from grader.kernel.rows import GRADER
from grader.run.vigil import from_outside
from grader.trace.model import Holder, Wait

ITSELF = Holder(process="main", fd=3, end="write")
CHILD = Holder(process="main.1", fd=4, end="write")
OTHER = Holder(process="main.1", fd=4, end="other")
DATA = "data or end of file"


@pytest.mark.parametrize(
    ("needs", "object", "holders", "outside"),
    [
        ("a signal", None, [], True),
        (CONNECTION, "tcp:127.0.0.1:8080", [CHILD], True),
        (NOTICE, "socket1", [CHILD], True),
        (DATA, "terminal", [CHILD, GRADER], True),
        (DATA, "pipe1", [CHILD], False),
        (DATA, "pipe1", [ITSELF], False),
        (DATA, "fifo:bell", [ITSELF], True),
        (DATA, "fifo:bell", [ITSELF, CHILD], False),
        (DATAGRAM, "udp:127.0.0.1:9000", [Holder(process="main.1")], True),
        (DATAGRAM, "socketpair1", [OTHER], False),
    ],
)
def test_who_may_come_from_outside(
    needs: str, object: str | None, holders: list[Holder], outside: bool
) -> None:
    wait = Wait(process="main", call="read", needs=needs, object=object, holders=holders)
    assert from_outside(wait) is outside


LOOKS = """
import sys
from grader.kernel.stuck import standstill
from grader.run import traced, vigil

class Watched(vigil.Vigil):
    def look(self):
        super().look()
        if standstill(self._observer) is not None:
            print("looked")

traced.Vigil = Watched
traced.interrupted = lambda: vigil.interrupted(0.02)
traced.trace(sys.argv[1:], stuck=lambda _: print("stuck"))
"""

SERVES = """
import os, select, socket
server, (bell, ringer) = socket.create_server(("127.0.0.1", 0)), os.pipe()
poll = select.poll()
poll.register(server, select.POLLIN)
poll.register(bell, select.POLLIN)
poll.poll()
"""


def test_a_program_that_waits_for_its_user_is_not_stuck() -> None:
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", LOOKS, "sh", "-c", "cat | cat"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
    ):
        os.close(inside)
        told = b""
        while told.count(b"looked") < 3:  # one to see that nothing happens, one that asks
            told += os.read(terminal, 1 << 16)
        os.write(terminal, b"\4")
    os.close(terminal)
    assert b"stuck" not in told


def _told(*command: str) -> list[str]:
    """What is told at the first three standstills of a command that then is ended."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", LOOKS, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as tracer:
        assert tracer.stdout is not None
        told: list[str] = []
        while told.count("looked\n") < 3:
            told.append(tracer.stdout.readline())
        os.killpg(tracer.pid, signal.SIGKILL)
    return told


def test_a_server_that_has_a_bell_beside_its_listener_is_not_stuck() -> None:
    assert "stuck\n" not in _told(sys.executable, "-c", SERVES)


def test_who_waits_at_memory_that_nobody_else_has_is_stuck(compiled: Callable[..., Path]) -> None:
    assert "stuck\n" in _told(str(compiled("futex_threads")), "alone")
