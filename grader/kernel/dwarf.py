"""Owns the line table of a program (DWARF 2 to 5), and which function a line is in.

A reader of its own, because it works at the first exec of a program while its process waits: it
takes about a millisecond, and its time and memory grow with the size of sections that are bounded,
whatever a hostile file says. Line-number programs: DWARF 5 section 6.2.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from grader.kernel.dwarf_cursor import LINE_STRP, STRING, STRP, Cursor, Steps, text_at
from grader.kernel.dwarf_functions import functions
from grader.kernel.elf import Elf, MalformedError
from grader.trace.model import Source

_MOST_LINES = 1 << 19
_MOST_TEXT = 1 << 22
"""Bytes of .debug_line and of strings that we look at."""
_MOST_LINE = 1 << 31
_ADDRESS = (1 << 64) - 1


class Table(msgspec.Struct):
    """The line table: spans of link-time addresses, in order, and the place of each."""

    starts: list[int] = msgspec.field(default_factory=list)
    ends: list[int] = msgspec.field(default_factory=list)
    places: list[tuple[str, int]] = msgspec.field(default_factory=list)
    functions: dict[str, list[tuple[int, str]]] = msgspec.field(default_factory=dict)
    """By file: first line and name of each function, in order."""

    def covers(self, address: int) -> bool:
        """Whether a line of the program's own text has code there."""
        index = bisect_right(self.starts, address) - 1
        return index >= 0 and address < self.ends[index]

    def source(self, address: int) -> Source | None:
        """The place in the text, None where the table has none."""
        index = bisect_right(self.starts, address) - 1
        if index < 0 or address >= self.ends[index]:
            return None
        file, line = self.places[index]
        return Source(file=file, line=line, function=self._function(file, line))

    def _function(self, file: str, line: int) -> str | None:
        """C has no nested functions: it is the last one that begins before the line. So the name
        is the one in the text also where the compiler inlined it."""
        known = self.functions.get(file, [])
        index = bisect_right(known, (line, "\U0010ffff")) - 1
        return known[index][1] if index >= 0 else None


def table(elf: Elf, steps: Steps) -> Table:
    """The line table of a program, empty without debug information; MalformedError."""
    lines = elf.section(".debug_line", _MOST_LINES)
    texts = {
        STRP: elf.section(".debug_str", _MOST_TEXT),
        LINE_STRP: elf.section(".debug_line_str", _MOST_TEXT),
    }
    spans: list[tuple[int, int, str, int]] = []
    files_at: dict[int, list[str]] = {}
    section = Cursor(lines)
    while section.at < section.end:
        at = section.at
        program = _Program(section.unit(), texts, steps)
        files_at[at] = program.files
        spans += program.spans()
    found = Table()
    for start, end, file, line in sorted(spans):
        # code that the linker left out keeps its lines, at address 0
        if not any(part.address <= start < part.address + part.size for part in elf.code):
            continue
        found.starts.append(start)
        found.ends.append(end)
        found.places.append((file, line))
    found.functions = functions(elf, files_at, texts, steps)
    return found


# -- line-number programs ----------------------------------------------------------------------

_BLOCK, _UDATA = 0x09, 0x0F
_FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16}
"""DW_FORM_data1 to data16 by code."""
_LNCT_PATH, _LNCT_DIRECTORY = 1, 2
_SYSTEM_HEADERS = ("/usr/include/", "/usr/lib/", "/usr/local/include/")


class _Program:
    """One line-number program: its header is read at once, its rows by `spans`."""

    def __init__(self, cursor: Cursor, texts: dict[int, bytes], steps: Steps) -> None:
        self.cursor = cursor
        self.texts = texts
        self.steps = steps
        self.version = cursor.number(2)
        if not 2 <= self.version <= 5:
            raise MalformedError("a version of the line table that we do not read")
        if self.version >= 5:
            cursor.skip(2)  # sizes of addresses and segment selectors
        length = cursor.offset()
        begin = cursor.at + length
        self.step = cursor.number(1)
        if self.version >= 4:
            cursor.skip(1)  # operations of an instruction: one but on VLIW machines
        cursor.skip(1)  # whether rows begin as statements
        base = cursor.number(1)
        self.line_base = base - 256 if base > 127 else base
        self.line_range = cursor.number(1) or 1
        self.opcode_base = cursor.number(1)
        self.operands = [cursor.number(1) for _ in range(1, self.opcode_base)]
        self.files = self._files() if self.version >= 5 else self._old_files()
        if begin > cursor.end:
            raise MalformedError("a line table that ends in its header")
        cursor.at = begin

    def _old_files(self) -> list[str]:
        cursor = self.cursor
        folders = [""]
        while folder := cursor.text():
            folders.append(folder)
        files = [""]
        while name := cursor.text():
            index = cursor.uleb()
            cursor.uleb(), cursor.uleb()  # time and length
            files.append(self.steps.take_text(_path(folders, index, name)))
        return files

    def _files(self) -> list[str]:
        folders = [str(entry.get(_LNCT_PATH, "")) for entry in self._entries()]
        if folders:
            # what lies in the folder of the compilation is named without it
            folders = ["" if folder == folders[0] else folder for folder in folders]
        files = []
        for entry in self._entries():
            index = entry.get(_LNCT_DIRECTORY, 0)
            name = str(entry.get(_LNCT_PATH, ""))
            path = _path(folders, index if isinstance(index, int) else 0, name)
            files.append(self.steps.take_text(path))
        return files

    def _entries(self) -> list[dict[int, str | int]]:
        """Directory or file entries, as their own format describes them."""
        cursor = self.cursor
        formats = [(cursor.uleb(), cursor.uleb()) for _ in range(cursor.number(1))]
        count = cursor.uleb()
        if count > cursor.end - cursor.at or (count and not formats):
            raise MalformedError("more files than there is room for")
        return [{kind: self._value(form) for kind, form in formats} for _ in range(count)]

    def _value(self, form: int) -> str | int:
        cursor = self.cursor
        if form == STRING:
            return cursor.text()
        if form in self.texts:
            return text_at(self.texts[form], cursor.offset(), self.steps)
        if form == _UDATA:
            return cursor.uleb()
        if form in _FIXED:
            return cursor.number(_FIXED[form])
        if form == _BLOCK:
            cursor.skip(cursor.uleb())
            return 0
        raise MalformedError("a file entry that we do not read")

    def spans(self) -> list[tuple[int, int, str, int]]:
        """(start, end, file, line) of each stretch of code."""
        found: list[tuple[int, int, str, int]] = []
        cursor = self.cursor
        address, file, line = 0, 1, 1
        row: tuple[int, str, int] | None = None
        while cursor.at < cursor.end:
            self.steps.take(1)
            opcode = cursor.number(1)
            ended = False
            if opcode >= self.opcode_base:
                opcode -= self.opcode_base
                address += opcode // self.line_range * self.step
                line += self.line_base + opcode % self.line_range
            elif opcode == 0:  # extended
                inner = cursor.at + cursor.uleb() + 1
                inner = min(inner, cursor.end)
                kind = cursor.number(1)
                if kind == 2:  # DW_LNE_set_address
                    address = cursor.number(min(8, inner - cursor.at))
                cursor.at = max(inner, cursor.at)
                ended = kind == 1  # DW_LNE_end_sequence
                if not ended:
                    continue
            elif opcode != 1:  # DW_LNS_copy makes a row, the others change what the next is
                if opcode == 2:
                    address += cursor.uleb() * self.step
                elif opcode == 3:
                    line += cursor.sleb()
                elif opcode == 4:
                    file = cursor.uleb()
                elif opcode == 8:
                    address += (255 - self.opcode_base) // self.line_range * self.step
                elif opcode == 9:
                    address += cursor.number(2)
                else:
                    for _ in range(self.operands[opcode - 1]):
                        cursor.uleb()
                continue
            address &= _ADDRESS
            if row is not None and row[0] < address and 0 < row[2] < _MOST_LINE and row[1]:
                found.append((row[0], address, row[1], row[2]))
            name = self.files[file] if file < len(self.files) else ""
            if not name.startswith(_SYSTEM_HEADERS):
                row = (address, name, line)
            elif row is not None:
                # a wrapper that the C library's headers inline: its caller's line is meant
                row = (address, row[1], row[2])
            if ended:
                address, file, line, row = 0, 1, 1, None
        return found


def _path(folders: list[str], index: int, name: str) -> str:
    folder = folders[index] if index < len(folders) else ""
    return f"{folder}/{name}" if folder and not name.startswith("/") else name
