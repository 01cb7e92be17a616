"""Owns a pseudo-terminal of 80 columns with a real `grade` in it, for the tests of the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a text that does not come counts as missing; nothing waits for it to pass."""


class Terminal:
    """`grade` with these arguments, its stdin, stdout and stderr a terminal of its own."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.shown = ""
        """Everything that came, as it came."""
        command = [str(Path(sys.executable).with_name("grade")), *arguments]
        kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        given = {**kept, "TERM": "xterm", **(environment or {})}
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, given)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._told = 0

    def until(self, text: str) -> str:
        """Read until this comes, after what was read before; all that came up to there."""
        while (found := self.shown.find(text, self._told)) < 0:
            if not self._read():
                raise AssertionError(f"{text!r} never came: {self.shown[self._told :]!r}")
        begin, self._told = self._told, found + len(text)
        return self.shown[begin : self._told]

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def end(self) -> int:
        """Read to the end; the exit status, or minus the signal."""
        while self._read():
            pass
        os.close(self._fd)
        _pid, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._fd], [], [], PATIENCE)
        if not ready:
            raise AssertionError(f"nothing more came: {self.shown[self._told :]!r}")
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # EIO: the other side is closed
            return False
        self.shown += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
