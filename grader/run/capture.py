"""Owns what an actor prints: bounded, head and tail kept, the cut counted."""

from __future__ import annotations


class Capture:
    """Keeps the first three quarters and the last quarter of `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._head_room = limit - limit // 4
        self._tail_room = limit // 4
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._head_room - len(self._head)
        self._head += data[:room]
        rest = data[room:] if room > 0 else data
        if room <= 0 or rest:
            self._tail += rest
            if len(self._tail) > self._tail_room:
                del self._tail[: len(self._tail) - self._tail_room]

    @property
    def cut(self) -> int:
        """How many bytes between head and tail were not kept."""
        return self.total - len(self._head) - len(self._tail)

    @property
    def kept(self) -> tuple[bytes, bytes]:
        """Head and tail; the tail follows directly where nothing was cut."""
        return bytes(self._head), bytes(self._tail)

    @property
    def content(self) -> bytes:
        """Head and tail side by side."""
        return bytes(self._head + self._tail)


def marked(text: str, head: int, cut: int) -> str:
    """Kept output as people read it: a line says where and how many bytes were cut."""
    return f"{text[:head]}\n[… {cut:,} bytes cut …]\n{text[head:]}" if cut else text
