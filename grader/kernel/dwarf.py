"""Owns what we ask of DWARF (versions 2 to 5): the line table, and which function a line is in.

A reader of its own, because it works at the first exec of a program while its process waits: it
takes about a millisecond, and its time and memory grow with the size of sections that are bounded,
whatever a hostile file says. Line-number programs: DWARF 5 section 6.2; entries: section 7.5.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from grader.kernel.elf import Elf, MalformedError
from grader.trace.model import Source

_MOST_LINES = 1 << 19
_MOST_ENTRIES = 1 << 21
_MOST_TEXT = 1 << 22
"""Bytes of .debug_line, of .debug_info and .debug_abbrev, of strings that we look at."""
_LONGEST_TEXT = 512
_MOST_LINE = 1 << 31
_ADDRESS = (1 << 64) - 1


class Steps:
    """How much work may still be done; MalformedError when it is used up."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise MalformedError("too much to read")


class Cursor:
    """Reads numbers and text of one section in order; MalformedError at its end."""

    __slots__ = ("at", "data", "end", "offset_size")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end
        self.offset_size = 4

    def unit(self) -> Cursor:
        """The unit that begins here (its length read: 32-bit or 64-bit form); goes past it."""
        length = self.number(4)
        offset_size = 4
        if length == 0xFFFFFFFF:
            length, offset_size = self.number(8), 8
        inner = Cursor(self.data, self.at, self.at + length)
        inner.offset_size = offset_size
        self.skip(length)
        return inner

    def skip(self, size: int) -> None:
        if size > self.end - self.at:
            raise MalformedError("an entry goes beyond its section")
        self.at += size

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        at = self.at
        self.skip(size)
        return int.from_bytes(self.data[at : self.at], "little")

    def offset(self) -> int:
        return self.number(self.offset_size)

    def uleb(self) -> int:
        """ULEB128 of at most 64 bits."""
        value = shift = 0
        while shift < 70:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise MalformedError("a number that is too long")

    def sleb(self) -> int:
        """SLEB128 of at most 64 bits."""
        at = self.at
        value = self.uleb()
        bits = 7 * (self.at - at)
        return value - (1 << bits) if value >> (bits - 1) else value

    def text(self) -> str:
        """A string that ends with NUL."""
        end = self.data.find(b"\0", self.at, self.end)
        if end < 0:
            raise MalformedError("a string without end")
        raw = self.data[self.at : min(end, self.at + _LONGEST_TEXT)]
        self.at = end + 1
        return raw.decode("utf-8", "backslashreplace")


def text_at(data: bytes, offset: int) -> str:
    """A string of a string section."""
    return Cursor(data, offset).text() if offset < len(data) else ""


@dataclass(slots=True)
class Table:
    """The line table: spans of link-time addresses, in order, and the place of each."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    functions: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
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
        _STRP: elf.section(".debug_str", _MOST_TEXT),
        _LINE_STRP: elf.section(".debug_line_str", _MOST_TEXT),
    }
    spans: list[tuple[int, int, str, int]] = []
    files_at: dict[int, list[str]] = {}
    section = Cursor(lines)
    while section.at < section.end:
        at = section.at
        program = _Program(section.unit(), texts)
        files_at[at] = program.files
        spans += program.spans(steps)
    found = Table()
    for start, end, file, line in sorted(spans):
        # code that the linker left out keeps its lines, at address 0
        if not any(part.address <= start < part.address + part.size for part in elf.code):
            continue
        found.starts.append(start)
        found.ends.append(end)
        found.places.append((file, line))
    found.functions = _functions(elf, files_at, texts, steps)
    return found


# -- line-number programs ----------------------------------------------------------------------

_STRING, _BLOCK, _UDATA, _STRP, _LINE_STRP = 0x08, 0x09, 0x0F, 0x0E, 0x1F
_FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16}
"""DW_FORM_data1 to data16 by code."""
_LNCT_PATH, _LNCT_DIRECTORY = 1, 2
_SYSTEM_HEADERS = ("/usr/include/", "/usr/lib/", "/usr/local/include/")


class _Program:
    """One line-number program: its header is read at once, its rows by `spans`."""

    def __init__(self, cursor: Cursor, texts: dict[int, bytes]) -> None:
        self.cursor = cursor
        self.texts = texts
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
            files.append(_path(folders, index, name))
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
            files.append(_path(folders, index if isinstance(index, int) else 0, name))
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
        if form == _STRING:
            return cursor.text()
        if form in self.texts:
            return text_at(self.texts[form], cursor.offset())
        if form == _UDATA:
            return cursor.uleb()
        if form in _FIXED:
            return cursor.number(_FIXED[form])
        if form == _BLOCK:
            cursor.skip(cursor.uleb())
            return 0
        raise MalformedError("a file entry that we do not read")

    def spans(self, steps: Steps) -> list[tuple[int, int, str, int]]:
        """(start, end, file, line) of each stretch of code."""
        found: list[tuple[int, int, str, int]] = []
        cursor = self.cursor
        address, file, line = 0, 1, 1
        row: tuple[int, str, int] | None = None
        while cursor.at < cursor.end:
            steps.take(1)
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


# -- functions ---------------------------------------------------------------------------------

_TAG_SUBPROGRAM = 0x2E
_AT_SIBLING, _AT_NAME, _AT_STMT_LIST, _AT_DECL_FILE, _AT_DECL_LINE, _AT_DECLARATION = (
    0x01,
    0x03,
    0x10,
    0x3A,
    0x3B,
    0x3C,
)
_AT_STR_OFFSETS_BASE = 0x72
_WANTED = frozenset(
    (_AT_SIBLING, _AT_NAME, _AT_STMT_LIST, _AT_DECL_FILE, _AT_DECL_LINE, _AT_DECLARATION)
) | {_AT_STR_OFFSETS_BASE}

# DWARF 5 table 7.6
_FORMS_OF_SIZE = {
    0: (0x19,),
    1: (0x0B, 0x0C, 0x11, 0x25, 0x29),
    2: (0x05, 0x12, 0x26, 0x2A),
    3: (0x27, 0x2B),
    4: (0x06, 0x13, 0x1C, 0x28, 0x2C),
    8: (0x07, 0x14, 0x20, 0x24),
    16: (0x1E,),
}
_SIZES = {form: size for size, forms in _FORMS_OF_SIZE.items() for form in forms}
_OFFSETS = frozenset((0x0E, 0x10, 0x17, 0x1D, 0x1F, 0x1F20, 0x1F21))
"""Forms as long as the unit's offsets: strp, ref_addr, sec_offset, strp_sup, line_strp, …"""
_ULEBS = frozenset((0x0F, 0x15, 0x1A, 0x1B, 0x22, 0x23))
_BLOCKS = {0x0A: 1, 0x03: 2, 0x04: 4}
_SDATA, _ADDR, _EXPRLOC, _INDIRECT, _IMPLICIT, _FLAG_PRESENT = 0x0D, 0x01, 0x18, 0x16, 0x21, 0x19
_STRX = frozenset((0x1A, 0x25, 0x26, 0x27, 0x28))
_HEADER_EXTRA = {4: 8, 5: 8, 2: 0, 6: 0}
"""Bytes after the header of DWARF 5 units by type: an id (and an offset, in type units)."""

_Abbreviation = tuple[int, bool, list[tuple[int, int, int]]]
"""Tag, whether it has children, (attribute, form, implicit value) of each attribute."""


def _functions(
    elf: Elf, files_at: dict[int, list[str]], texts: dict[int, bytes], steps: Steps
) -> dict[str, list[tuple[int, str]]]:
    """By file, where each function begins; what cannot be read is left out."""
    found: dict[str, set[tuple[int, str]]] = {}
    try:
        abbreviations = elf.section(".debug_abbrev", _MOST_ENTRIES)
        offsets = elf.section(".debug_str_offsets", _MOST_TEXT)
        section = Cursor(elf.section(".debug_info", _MOST_ENTRIES))
        known: dict[int, dict[int, _Abbreviation]] = {}
        while section.at < section.end:
            start = section.at
            unit = _Unit(start, section.unit(), texts, offsets)
            if unit.abbreviations not in known:
                at = unit.abbreviations
                known[at] = _abbreviations(Cursor(abbreviations, at), steps)
            for file, line, name in unit.functions(known[unit.abbreviations], files_at, steps):
                found.setdefault(file, set()).add((line, name))
    except MalformedError:
        pass  # the lines that we have are still right without names
    return {file: sorted(functions) for file, functions in found.items()}


def _abbreviations(cursor: Cursor, steps: Steps) -> dict[int, _Abbreviation]:
    found: dict[int, _Abbreviation] = {}
    while code := cursor.uleb():
        tag = cursor.uleb()
        children = bool(cursor.number(1))
        attributes: list[tuple[int, int, int]] = []
        while True:
            steps.take(1)
            attribute, form = cursor.uleb(), cursor.uleb()
            implicit = cursor.sleb() if form == _IMPLICIT else 0
            if not attribute and not form:
                break
            attributes.append((attribute, form, implicit))
        found[code] = (tag, children, attributes)
    return found


class _Unit:
    """One unit of .debug_info: its header is read at once."""

    def __init__(self, start: int, cursor: Cursor, texts: dict[int, bytes], offsets: bytes) -> None:
        self.start = start
        self.cursor = cursor
        self.texts = texts
        self.offsets = offsets
        self.offsets_base = 8
        self.version = cursor.number(2)
        if self.version >= 5:
            kind = cursor.number(1)
            self.address_size = cursor.number(1)
            self.abbreviations = cursor.offset()
            cursor.skip(_HEADER_EXTRA.get(kind, 0))
            if kind in (2, 6):
                cursor.skip(8 + cursor.offset_size)
        else:
            self.abbreviations = cursor.offset()
            self.address_size = cursor.number(1)

    def functions(
        self,
        abbreviations: dict[int, _Abbreviation],
        files_at: dict[int, list[str]],
        steps: Steps,
    ) -> list[tuple[str, int, str]]:
        """(file, first line, name) of the functions that have a body here."""
        cursor = self.cursor
        found: list[tuple[str, int, str]] = []
        files: list[str] = []
        depth = 0
        while cursor.at < cursor.end:
            steps.take(1)
            code = cursor.uleb()
            if not code:
                depth -= 1
                continue
            if code not in abbreviations:
                raise MalformedError("an entry of no known kind")
            tag, children, attributes = abbreviations[code]
            steps.take(len(attributes))
            values = self._values(attributes)
            if depth == 0:
                self.offsets_base = values.get(_AT_STR_OFFSETS_BASE, (0, 8))[1]
                files = files_at.get(values.get(_AT_STMT_LIST, (0, -1))[1], [])
            elif depth == 1 and tag == _TAG_SUBPROGRAM and _AT_DECLARATION not in values:
                _form, file = values.get(_AT_DECL_FILE, (0, -1))
                line = values.get(_AT_DECL_LINE, (0, 0))[1]
                if 0 <= file < len(files) and line and _AT_NAME in values:
                    found.append((files[file], line, self._text(*values[_AT_NAME])))
            if children:
                sibling = self.start + values.get(_AT_SIBLING, (0, 0))[1]
                if depth and cursor.at < sibling <= cursor.end:
                    cursor.at = sibling  # what is inside a function or a type has no functions
                else:
                    depth += 1
        return found

    def _values(self, attributes: list[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
        """(form, value) of the wanted attributes: numbers, and places of strings."""
        cursor = self.cursor
        values: dict[int, tuple[int, int]] = {}
        for attribute, form, implicit in attributes:
            size = _SIZES.get(form)
            if size is not None and attribute not in _WANTED:
                cursor.skip(size)
                continue
            value = self._number(form, implicit)
            if attribute in _WANTED:
                values[attribute] = (form, value)
        return values

    def _number(self, form: int, implicit: int) -> int:
        cursor = self.cursor
        if form in _SIZES:
            return cursor.number(_SIZES[form])
        if form in _OFFSETS:
            return cursor.offset()
        if form in _ULEBS:
            return cursor.uleb()
        if form == _SDATA:
            return cursor.sleb()
        if form == _IMPLICIT:
            return implicit
        if form == _STRING:
            at = cursor.at
            end = cursor.data.find(b"\0", at, cursor.end)
            cursor.skip((end if end >= 0 else cursor.end) + 1 - at)
            return at
        if form == _ADDR:
            return cursor.number(min(self.address_size, 8))
        if form in (_BLOCK, _EXPRLOC):
            cursor.skip(cursor.uleb())
            return 0
        if form in _BLOCKS:
            cursor.skip(cursor.number(_BLOCKS[form]))
            return 0
        raise MalformedError("an attribute of no known form")

    def _text(self, form: int, value: int) -> str:
        if form == _STRING:
            return text_at(self.cursor.data, value)
        if form in _STRX:
            at = self.offsets_base + value * self.cursor.offset_size
            return text_at(self.texts[_STRP], Cursor(self.offsets, at).offset())
        return text_at(self.texts.get(form, b""), value)
