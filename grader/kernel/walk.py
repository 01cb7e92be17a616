"""Owns looking through a folder that somebody hostile has filled: a bounded number of entries, a
bounded depth, links not followed, no recursion."""

from __future__ import annotations

import os
from collections.abc import Iterator

DEEPEST = 64
"""Nobody nests folders deeper; what lies below is passed over."""


def entries(folder: str, most: int) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder, at most so many entries; what can't be read is passed over."""
    waiting = [(folder, 0)]
    left = most
    while waiting:
        path, depth = waiting.pop()
        try:
            found = os.scandir(path)
        except OSError:
            continue
        with found:
            for entry in found:
                if left == 0:
                    return
                left -= 1
                yield entry
                if depth < DEEPEST and entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, depth + 1))
