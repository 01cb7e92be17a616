"""Owns sizes as people write them: "256 MiB"."""

from __future__ import annotations

import re

_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"([0-9]{1,18}) ?([A-Za-z]*)", re.ASCII)


def parse_size(size: int | str) -> int:
    """Bytes of 4096, "4096", "64 KiB", "256 MiB" or "1 GiB".

    ValueError with a message for people: no whole number, or a unit like kB that means 1,000 to
    some and 1,024 to others.
    """
    if isinstance(size, int):
        if size < 0:
            raise ValueError(f"{size} is less than nothing; a size counts bytes")
        return size
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise ValueError(f"{size!r} is no size; write a whole number and a unit, like 256 MiB")
    number, unit = match.groups()
    factor = _UNITS.get(unit or "B")
    if factor is None:
        raise ValueError(f"{size!r} has the unit {unit!r}; the units are B, KiB, MiB and GiB")
    return int(number) * factor
