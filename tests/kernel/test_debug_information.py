"""Line tables and call-frame information are read as pyelftools reads them; what a hostile file
says costs bounded time and memory, and never an exception."""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile

from grader.kernel import calling, dwarf, elf, unwind
from grader.kernel.dwarf_cursor import Steps

Compiled = Callable[..., Path]

BUILDS = (("-O0",), ("-O2",), ("-O2", "-gdwarf-4"), ("-O1", "-no-pie"), ("-O2", "-static"))
PLENTY = 10_000_000


def parsed(content: bytes) -> elf.Elf:
    return elf.parse(lambda offset, size: content[offset : offset + size])


def load(content: bytes, steps: int = PLENTY) -> calling.Binary | None:
    def read(offset: int, size: int) -> bytes:
        return content[offset : offset + size]

    return calling.load(read, Steps(steps), lines=True)


# -- as pyelftools reads them ------------------------------------------------------------------


def rows(content: bytes) -> Iterator[tuple[int, int, str, int]]:
    """(start, end, file name, line) of each stretch of code, by pyelftools."""
    information = ELFFile(io.BytesIO(content)).get_dwarf_info()
    for unit in information.iter_CUs():
        program: Any = information.line_program_for_CU(unit)
        first = 0 if program.header["version"] >= 5 else 1
        files = program["file_entry"]
        states = [entry.state for entry in program.get_entries() if entry.state is not None]
        for state, following in itertools.pairwise(states):
            if not state.end_sequence and state.address < following.address:
                name = files[state.file - first].name.decode()
                yield state.address, following.address, Path(name).name, state.line


@pytest.mark.parametrize("flags", BUILDS)
def test_every_line_is_as_pyelftools_has_it(flags: tuple[str, ...], compiled: Compiled) -> None:
    content = compiled("lines_calls", *flags).read_bytes()
    table = dwarf.table(parsed(content), Steps(PLENTY))
    theirs = list(rows(content))
    assert len(theirs) > 30
    for start, end, file, line in theirs:
        for address in (start, end - 1):
            source = table.source(address)
            assert source is not None
            assert (Path(source.file).name, source.line) == (file, line)
    assert table.source(theirs[0][0] - 1) is None


@pytest.mark.parametrize("flags", BUILDS)
def test_every_function_is_as_pyelftools_has_it(flags: tuple[str, ...], compiled: Compiled) -> None:
    content = compiled("lines_calls", *flags).read_bytes()
    table = dwarf.table(parsed(content), Steps(PLENTY))
    theirs = {
        (entry.attributes["DW_AT_decl_line"].value, entry.attributes["DW_AT_name"].value.decode())
        for unit in ELFFile(io.BytesIO(content)).get_dwarf_info().iter_CUs()
        for entry in unit.get_top_DIE().iter_children()
        if entry.tag == "DW_TAG_subprogram"
        and "DW_AT_declaration" not in entry.attributes
        and "DW_AT_decl_line" in entry.attributes
    }
    assert {name for _line, name in theirs} >= {"main", "helper", "deep", "child", "handler"}
    assert {one for functions in table.functions.values() for one in functions} == theirs


def their_rules(content: bytes) -> Iterator[tuple[int, int, dict[Any, Any]]]:
    """(start, end, columns) of each stretch of code with one rule, by pyelftools."""
    entries = ELFFile(io.BytesIO(content)).get_dwarf_info().EH_CFI_entries()
    for entry in entries:
        if isinstance(entry, FDE):
            table = entry.get_decoded().table
            stop = entry.header["initial_location"] + entry.header["address_range"]
            for row, following in itertools.zip_longest(table, table[1:]):
                yield row["pc"], following["pc"] if following else stop, row


@pytest.mark.parametrize("flags", BUILDS)
def test_every_frame_rule_is_as_pyelftools_has_it(
    flags: tuple[str, ...], compiled: Compiled
) -> None:
    content = compiled("lines_calls", *flags).read_bytes()
    program = parsed(content)
    frames = unwind.Frames(program, Steps(PLENTY))
    machine = unwind.machine(program.machine)
    return_in = machine.leaf.return_in
    compared = 0
    for start, end, row in their_rules(content):
        if start >= end or row["cfa"].expr is not None:
            continue
        rule = frames.rule(start)
        saved, frame = row.get(return_in), row.get(machine.frame)
        if row["cfa"].reg not in (machine.stack, machine.frame) or (
            saved is not None and saved.type == "UNDEFINED"
        ):
            assert rule is None
            continue
        assert rule is not None
        assert rule == frames.rule(end - 1)
        assert (rule.base, rule.offset) == (row["cfa"].reg, row["cfa"].offset)
        if saved is not None and saved.type == "OFFSET":
            assert rule.return_at == saved.arg
        if frame is None or frame.type != "OFFSET":
            assert rule.frame_at is None
        else:
            assert rule.frame_at == frame.arg
        compared += 1
    assert compared > 10


# -- hostile files -----------------------------------------------------------------------------


def places_of(content: bytes) -> list[tuple[int, int]]:
    """Where headers and the sections that we read lie in the file."""
    sections = parsed(content).sections
    wanted = (".debug_line", ".debug_info", ".debug_abbrev", ".eh_frame", ".eh_frame_hdr")
    places = [(sections[name].offset, sections[name].size) for name in wanted if name in sections]
    table = int.from_bytes(content[40:48], "little")
    return [(0, 64), (64, 600), (table, len(content) - table), *places]


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_read_without_harm(seed: int, compiled: Compiled) -> None:
    """Deterministic: each seed damages the same bytes of the same sections."""
    sound = compiled("lines_calls", "-O1").read_bytes()
    places = places_of(sound)
    choice = random.Random(seed)
    lines = 0
    for _ in range(250):
        damaged = bytearray(sound)
        start, size = choice.choice(places)
        for _ in range(choice.choice((1, 2, 8, 40))):
            at = start + choice.randrange(size)
            damaged[at] = choice.choice((0, 1, 0x7F, 0x80, 0xFF, choice.randrange(256)))
        binary = load(bytes(damaged), 200_000)
        if binary is not None:
            lines += 1
            for address in range(0x1000, 0x1400, 7):
                binary.table.source(address)
                binary.frames.rule(address)
    assert lines > 0  # most damage leaves something to read


@pytest.mark.parametrize("size", [0, 3, 63, 64, 700, 5000])
def test_a_cut_file_has_no_lines(size: int, compiled: Compiled) -> None:
    assert load(compiled("lines_calls", "-O1").read_bytes()[:size]) is None


def with_section(content: bytes, name: str, section: bytes, flags: int = 0) -> bytes:
    """The program with another content of one section, at the end of the file."""
    program = parsed(content)
    found = program.sections[name]
    changed = bytearray(content)
    table = int.from_bytes(content[40:48], "little")
    count = int.from_bytes(content[60:62], "little")
    for at in range(table, table + 64 * count, 64):
        if int.from_bytes(content[at + 24 : at + 32], "little") == found.offset:
            changed[at + 24 : at + 32] = len(content).to_bytes(8, "little")
            changed[at + 32 : at + 40] = len(section).to_bytes(8, "little")
            changed[at + 8 : at + 16] = flags.to_bytes(8, "little")
    return bytes(changed) + section


def line_table(body: bytes) -> bytes:
    """A DWARF 5 line table whose header goes on with this."""
    header = b"\x08\x00" + (1 << 20).to_bytes(4, "little") + b"\x01\x01\x01\xfb\x0e\x0d"
    content = b"\x05\x00" + header + b"\x00\x01\x01\x01\x01\x00\x00\x00\x01\x00\x00\x01" + body
    return len(content).to_bytes(4, "little") + content


BOMBS = {
    "more files than there is room for": line_table(b"\x00" + b"\xff" * 9 + b"\x01"),
    "a number that is too long": line_table(b"\x01\x01\x08" + b"\xff" * 100_000),
    "an entry goes beyond its section": b"\xf0\xff\xff\x7f" + bytes(100),
    ".debug_line is too large": bytes(1 << 20),
}


@pytest.mark.parametrize("complaint", BOMBS)
def test_a_bomb_in_the_line_table_is_seen_through(complaint: str, compiled: Compiled) -> None:
    sound = compiled("lines_calls", "-O1").read_bytes()
    hostile = with_section(sound, ".debug_line", BOMBS[complaint])
    with pytest.raises(elf.MalformedError, match=complaint):
        dwarf.table(parsed(hostile), Steps(PLENTY))
    assert load(hostile) is None


def test_work_is_bounded_in_all(compiled: Compiled) -> None:
    content = compiled("lines_calls", "-O1").read_bytes()
    assert load(content, 20_000) is not None
    program = parsed(content)
    with pytest.raises(elf.MalformedError, match="too much to read"):
        dwarf.table(program, Steps(100))
    assert load(content, 100) is None


def many_names(count: int) -> dict[str, bytes]:
    """Sections in which so many functions share a name that has no end."""
    kinds = b"\x01\x11\x01\x10\x17\0\0" + b"\x02\x2e\0\x03\x1f\x3a\x21\0\x3b\x21\x05\0\0" + b"\0"
    unit = b"\x05\0\x01\x08" + bytes(4) + b"\x01" + bytes(4) + (b"\x02" + bytes(4)) * count
    return {
        ".debug_abbrev": kinds,
        ".debug_info": len(unit).to_bytes(4, "little") + unit,
        ".debug_line_str": b"\xff" * ((1 << 22) - 1) + b"\0",
    }


def many_files(count: int) -> dict[str, bytes]:
    """Sections in which so many files have no name, in one folder whose name has no end."""
    numbers = bytes((count & 0x7F | 0x80, count >> 7 & 0x7F | 0x80, count >> 14))
    body = b"\x05\0\x08\0" + (1).to_bytes(4, "little") + b"\x01\x01\x01\xfb\x0e\x01"
    body += b"\x01\x01\x1f\x02" + (1 << 22).to_bytes(4, "little") + bytes(4)
    body += b"\x02\x01\x1f\x02\x0b" + numbers + ((1 << 22).to_bytes(4, "little") + b"\x01") * count
    return {
        ".debug_line": len(body).to_bytes(4, "little") + body,
        ".debug_line_str": b"\xff" * ((1 << 22) - 1) + b"\0",
    }


def many_frames(count: int) -> dict[str, bytes]:
    """A section in which so many entries share a description that has no end."""
    common = bytes(4) + b"\x01z" + b"-" * 60_000 + b"\0\x01\x78\x10\0"
    found = bytearray(len(common).to_bytes(4, "little") + common)
    for _ in range(count):
        entry = (len(found) + 4).to_bytes(4, "little") + bytes(16)
        found += len(entry).to_bytes(4, "little") + entry
    return {".eh_frame": bytes(found), ".eh_frame_hdr": b""}


@pytest.mark.parametrize(
    "sections", [many_names(400_000), many_files(100_000), many_frames(90_000)]
)
def test_a_long_text_costs_as_often_as_it_is_named(
    sections: dict[str, bytes], compiled: Compiled
) -> None:
    hostile = compiled("lines_calls", "-O1").read_bytes()
    for name, section in sections.items():
        hostile = with_section(hostile, name, section)
    steps = Steps(500_000)
    program = parsed(hostile)
    tracemalloc.start()
    with contextlib.suppress(elf.MalformedError):
        dwarf.table(program, steps)
        unwind.Frames(program, steps)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert steps.left < 0
    assert peak < 100 << 20


def test_lines_beyond_any_file_are_none(compiled: Compiled) -> None:
    """They would not fit into a recording either."""
    content = compiled("lines_calls", "-O1").read_bytes()
    good = parsed(content).section(".debug_line", 1 << 20)
    header = 12 + int.from_bytes(good[8:12], "little")
    far = b"\x03" + b"\xff" * 8 + b"\x3f"  # DW_LNS_advance_line by 2^62
    changed = good[:header] + far + good[header:]
    changed = len(changed[4:]).to_bytes(4, "little") + changed[4:]
    table = dwarf.table(parsed(with_section(content, ".debug_line", changed)), Steps(PLENTY))
    assert all(line < 1 << 31 for _file, line in table.places)


def test_a_compression_bomb_is_not_blown_up(compiled: Compiled) -> None:
    sound = compiled("lines_calls", "-O1").read_bytes()
    blown = zlib.compress(bytes(200 << 20))
    for claimed in (200 << 20, 1000):  # honest about its size, and not
        header = (1).to_bytes(8, "little") + claimed.to_bytes(8, "little") + bytes(8)
        hostile = with_section(sound, ".debug_line", header + blown, flags=0x800)
        tracemalloc.start()
        assert load(hostile) is None
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 50 << 20
