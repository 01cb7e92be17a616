"""Runs `grade` as a person does, in a terminal, and as a pipe does."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass

COMMAND = (sys.executable, "-m", "grader")


@dataclass(frozen=True, slots=True)
class Ended:
    """text: all that was shown (stdout and stderr) with line feeds; status: the exit status."""

    text: str
    status: int


def in_terminal(
    *arguments: str, typed: str = "", columns: int = 80, env: Mapping[str, str] | None = None
) -> Ended:
    """Run it in a pseudo-terminal of so many columns with this typed ahead."""
    ours, theirs = pty.openpty()
    try:
        termios.tcsetwinsize(theirs, (24, columns))
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=_environment(env),
        )
        os.close(theirs)
        os.write(ours, typed.encode())
        text = _all(ours)
    finally:
        os.close(ours)
    return Ended(text.replace("\r\n", "\n"), process.wait(timeout=60))


def in_pipe(*arguments: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run it with nothing on stdin and its output in a pipe."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=60,
        env=_environment(env),
    )
    return Ended(done.stdout, done.returncode)


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, without what would decide on colours and widths."""
    deciding = ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
    ours = {name: value for name, value in os.environ.items() if name not in deciding}
    return {**ours, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **(more or {})}


def _all(fd: int) -> str:
    data = b""
    while True:
        try:
            chunk = os.read(fd, 1 << 16)
        except OSError:  # EIO: nobody has the other side open any more
            break
        if not chunk:
            break
        data += chunk
    return data.decode()
