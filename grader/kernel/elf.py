"""Owns what we take from an ELF file: header, executable segments, sections. elf(5).

The files are the student's, so nothing in them is believed: every read is bounded, and whatever
does not fit is `MalformedError`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import msgspec

Read = Callable[[int, int], bytes]
"""(offset, size): bytes of the file, fewer at its end."""

X86_64, AARCH64 = 62, 183  # include/uapi/linux/elf-em.h

_MACHINES = (X86_64, AARCH64)
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_COMPRESSED = struct.Struct("<IIQQ")
_EXECUTABLE_OR_DYNAMIC = (2, 3)  # ET_EXEC, ET_DYN
_PT_LOAD, _PF_X = 1, 1
MAGIC = b"\x7fELF"
_SHT_NOBITS, _SHF_COMPRESSED, _ELFCOMPRESS_ZLIB = 8, 0x800, 1
_MOST_HEADERS = 512
_MOST_CODE = 4
_MOST_NAMES = 1 << 16


class MalformedError(Exception):
    """Not what the format asks for, or more of it than we look at."""


class Segment(msgspec.Struct, frozen=True):
    """Executable memory: link-time address, size in the file, place in the file."""

    address: int
    size: int
    offset: int


class Section(msgspec.Struct, frozen=True):
    """A section: its link-time address and its place in the file."""

    address: int
    offset: int
    size: int
    compressed: bool


class Elf(msgspec.Struct, frozen=True):
    """A 64-bit little-endian program. entry: its link-time entry address."""

    read: Read
    machine: int
    entry: int
    code: tuple[Segment, ...]
    sections: dict[str, Section] = msgspec.field(default_factory=dict)

    def section(self, name: str, most: int) -> bytes:
        """A section's content, empty if there is none; MalformedError beyond `most` bytes."""
        found = self.sections.get(name)
        if found is None:
            return b""
        if found.size > most:
            raise MalformedError(f"{name} is too large")
        content = self.read(found.offset, found.size)
        return _inflated(content, most) if found.compressed else content


def parse(read: Read) -> Elf:
    """The program behind `read`; MalformedError if it is no 64-bit program of a machine we know."""
    raw = read(0, _HEADER.size)
    if len(raw) < _HEADER.size or raw[:6] != MAGIC + b"\x02\x01":
        raise MalformedError("no 64-bit little-endian ELF file")
    (
        _ident,
        kind,
        machine,
        _version,
        entry,
        segments_at,
        sections_at,
        _flags,
        _size,
        segment_size,
        segments,
        section_size,
        sections,
        names_index,
    ) = _HEADER.unpack(raw)
    if kind not in _EXECUTABLE_OR_DYNAMIC or machine not in _MACHINES:
        raise MalformedError("no program of this machine")
    if segments > _MOST_HEADERS or sections > _MOST_HEADERS:
        raise MalformedError("too many headers")
    code: list[Segment] = []
    if segment_size == _SEGMENT.size:
        table = read(segments_at, segments * segment_size)
        for at in range(0, len(table) - segment_size + 1, segment_size):
            kind, flags, offset, address, _, size, _, _ = _SEGMENT.unpack_from(table, at)
            if kind == _PT_LOAD and flags & _PF_X and len(code) < _MOST_CODE:
                code.append(Segment(address, size, offset))
    found: dict[str, Section] = {}
    if section_size == _SECTION.size:
        found = _sections(read, read(sections_at, sections * section_size), names_index)
    return Elf(read, machine, entry, tuple(code), found)


def _sections(read: Read, table: bytes, names_index: int) -> dict[str, Section]:
    headers = [
        _SECTION.unpack_from(table, at)
        for at in range(0, len(table) - _SECTION.size + 1, _SECTION.size)
    ]
    if names_index >= len(headers):
        return {}
    names = read(headers[names_index][4], min(headers[names_index][5], _MOST_NAMES))
    found: dict[str, Section] = {}
    for name_at, kind, flags, address, offset, size, *_rest in headers:
        name = names[name_at : name_at + 64].partition(b"\0")[0]
        if kind != _SHT_NOBITS:
            section = Section(address, offset, size, bool(flags & _SHF_COMPRESSED))
            found[name.decode("ascii", "replace")] = section
    return found


def _inflated(content: bytes, most: int) -> bytes:
    if len(content) < _COMPRESSED.size:
        raise MalformedError("a compressed section without its header")
    kind, _reserved, size, _alignment = _COMPRESSED.unpack_from(content)
    if kind != _ELFCOMPRESS_ZLIB or size > most:
        raise MalformedError("a section compressed in a way we do not read")
    try:
        return zlib.decompressobj().decompress(content[_COMPRESSED.size :], most)
    except zlib.error as error:
        raise MalformedError("a compressed section that is damaged") from error
