"""Owns how a set of bits becomes words: known flags by name, the rest as one hex number."""

from __future__ import annotations

from collections.abc import Mapping


def flag_names(value: int, names: Mapping[int, str]) -> list[int | str]:
    """["IPC_CREAT", "IPC_EXCL"] for 0o3000; bits without a name survive as "0x8"."""
    found: list[int | str] = []
    for bit, name in names.items():
        if value & bit == bit:
            found.append(name)
            value &= ~bit
    if value:
        found.append(hex(value))
    return found
