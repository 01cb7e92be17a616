"""Owns where each function of a program begins in its text: the entries of .debug_info that
describe functions with a body (DWARF 2 to 5, section 7.5)."""

from __future__ import annotations

from grader.kernel.dwarf_cursor import STRING, STRP, Cursor, Steps, text_at
from grader.kernel.elf import Elf, MalformedError

_MOST_ENTRIES = 1 << 21
_MOST_TEXT = 1 << 22
"""Bytes of .debug_info and .debug_abbrev, of .debug_str_offsets that we look at."""
_STEPS_A_KIND = 4
"""For the memory that an abbreviation takes."""
_TAG_SUBPROGRAM = 0x2E
_AT_SIBLING, _AT_NAME, _AT_STMT_LIST, _AT_STR_OFFSETS_BASE = 0x01, 0x03, 0x10, 0x72
_AT_DECL_FILE, _AT_DECL_LINE, _AT_DECLARATION = 0x3A, 0x3B, 0x3C
_WANTED = frozenset((0x01, 0x03, 0x10, 0x3A, 0x3B, 0x3C, 0x72))

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
_SDATA, _ADDR, _BLOCK, _EXPRLOC, _IMPLICIT = 0x0D, 0x01, 0x09, 0x18, 0x21
_STRX = frozenset((0x1A, 0x25, 0x26, 0x27, 0x28))
_HEADER_EXTRA = {4: 8, 5: 8, 2: 0, 6: 0}
"""Bytes after the header of DWARF 5 units by type: an id (and an offset, in type units)."""

_Abbreviation = tuple[int, bool, list[tuple[int, int, int]]]
"""Tag, whether it has children, (attribute, form, implicit value) of each attribute."""


def functions(
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
        steps.take(_STEPS_A_KIND)
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
                    found.append((files[file], line, self._text(*values[_AT_NAME], steps)))
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
        if form == STRING:
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

    def _text(self, form: int, value: int, steps: Steps) -> str:
        if form == STRING:
            return text_at(self.cursor.data, value, steps)
        if form in _STRX:
            at = self.offsets_base + value * self.cursor.offset_size
            return text_at(self.texts[STRP], Cursor(self.offsets, at).offset(), steps)
        return text_at(self.texts.get(form, b""), value, steps)
