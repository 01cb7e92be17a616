"""Owns the step from a frame to its caller, by the call-frame information (.eh_frame) that programs
and libraries carry: DWARF 5 section 6.4, and the LSB's chapter on .eh_frame_hdr.

Words that look like return addresses may be left over from earlier calls, and libc keeps no frame
pointers: only this tells exactly. One step costs a look into a dictionary once it is known.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from grader.kernel.dwarf_cursor import Cursor, Steps
from grader.kernel.elf import AARCH64, Elf, MalformedError

_MOST_FRAMES = 1 << 22
"""Bytes of .eh_frame that we look at: libc's has about 130,000."""
_MOST_HEADER = 1 << 22
_MOST_STATES = 64
_MOST_REGISTERS = 256

_ABSENT = -1
_SIZES = {0x00: 8, 0x02: 2, 0x03: 4, 0x04: 8, 0x0A: 2, 0x0B: 4, 0x0C: 8}
"""DW_EH_PE_*: bytes of a pointer by the lower half of its encoding."""
_SIGNED, _FROM_HERE = 0x08, 0x10
_TABLE_ENCODING = 0x3B
"""The one form of .eh_frame_hdr that linkers write: 32-bit, relative to the header."""


class Rule(msgspec.Struct, frozen=True):
    """How a frame's caller is found. The canonical frame address (CFA) is the caller's stack
    pointer: base (a DWARF register) + offset.

    return_at, frame_at: where return address and frame pointer were saved, from the CFA on; None
    where they still are in a register, return_in for the return address.
    """

    base: int
    offset: int
    return_at: int | None
    return_in: int
    frame_at: int | None


class Machine(msgspec.Struct, frozen=True):
    """DWARF numbers of the registers that matter, and the rule of a function that has no frame
    and says nothing, as some of the C library's assembler."""

    stack: int
    frame: int
    leaf: Rule


def machine(code: int) -> Machine:
    """Of an ELF machine: the psABI's register numbers."""
    if code == AARCH64:
        return Machine(31, 29, Rule(31, 0, None, 30, None))
    return Machine(7, 6, Rule(7, 8, -8, 16, None))


class Frames:
    """The call-frame information of one program or library; addresses are as linked."""

    def __init__(self, elf: Elf, steps: Steps) -> None:
        self._steps = steps
        self._machine = machine(elf.machine)
        self._data = elf.section(".eh_frame", _MOST_FRAMES)
        section = elf.sections.get(".eh_frame")
        self._address = section.address if section is not None else 0
        self._shift, self._starts, self._entries = self._index(elf)
        self._rules: dict[int, Rule | None] = {}

    def rule(self, address: int) -> Rule | None:
        """The rule at this instruction; None if none is known."""
        if address not in self._rules:
            try:
                self._rules[address] = self._find(address)
            except MalformedError:
                self._rules[address] = None
        return self._rules[address]

    # -- which entry -------------------------------------------------------------------------

    def _index(self, elf: Elf) -> tuple[int, Sequence[int], Sequence[int]]:
        """What is to be added to the others: start address and address of each entry, in order."""
        header = elf.sections.get(".eh_frame_hdr")
        content = elf.section(".eh_frame_hdr", _MOST_HEADER)
        if header is None or len(content) < 12 or content[3] != _TABLE_ENCODING:
            return self._all_entries()  # static programs have no such table
        table = array("i", content[12 : 12 + (len(content) - 12) // 8 * 8])
        return header.address, table[0::2], table[1::2]

    def _all_entries(self) -> tuple[int, Sequence[int], Sequence[int]]:
        found: list[tuple[int, int]] = []
        section = Cursor(self._data)
        while section.at + 4 <= section.end:
            at = section.at
            unit = section.unit()
            if unit.at == unit.end:
                break
            if unit.number(4):
                found.append((self._entry(at).start, at))
        found.sort()
        return 0, [start for start, _at in found], [self._address + at for _start, at in found]

    def _entry(self, at: int) -> _Entry:
        """The entry at this place."""
        self._steps.take(4)
        if not 0 <= at < len(self._data):
            raise MalformedError("an entry outside of its section")
        unit = Cursor(self._data, at).unit()
        here = unit.at
        common = self._common(here - unit.number(4))
        start = self._pointer(unit, common.encoding)
        return _Entry(start, self._pointer(unit, common.encoding & 0x0F), common, unit)

    def _pointer(self, cursor: Cursor, encoding: int) -> int:
        here = self._address + cursor.at
        size = _SIZES.get(encoding & 0x0F)
        if size is None or encoding & 0x60 or encoding & 0x80:
            raise MalformedError("a pointer of a form that we do not read")
        value = cursor.number(size)
        if encoding & _SIGNED and value >> (8 * size - 1):
            value -= 1 << (8 * size)
        return (value + (here if encoding & _FROM_HERE else 0)) & ((1 << 64) - 1)

    def _common(self, at: int) -> _Common:
        """The common information entry that an entry refers to."""
        if not 0 <= at < len(self._data):
            raise MalformedError("an entry outside of its section")
        cursor = Cursor(self._data, at).unit()
        if cursor.number(4):
            raise MalformedError("an entry that refers to no common one")
        version = cursor.number(1)
        augmentation = self._steps.take_text(cursor.text())
        if augmentation and not augmentation.startswith("z"):
            raise MalformedError("common information that we do not read")
        code, data = cursor.uleb(), cursor.sleb()
        return_in = cursor.number(1) if version == 1 else cursor.uleb()
        encoding = 0
        if augmentation:
            end = cursor.uleb() + cursor.at
            for letter in augmentation[1:]:
                if letter == "R":
                    encoding = cursor.number(1)
                elif letter == "L":
                    cursor.skip(1)
                elif letter == "P":
                    self._pointer(cursor, cursor.number(1) & 0x7F)
            cursor.at = end
        return _Common(code, data, return_in, encoding, bool(augmentation), cursor)

    # -- its rule ----------------------------------------------------------------------------

    def _find(self, address: int) -> Rule | None:
        index = bisect_right(self._starts, address - self._shift) - 1
        if index < 0:
            return None
        entry = self._entry(self._shift + self._entries[index] - self._address)
        if not entry.start <= address < entry.start + entry.size:
            return None
        common = entry.common
        if common.augmented:
            entry.instructions.skip(entry.instructions.uleb())
        state = _State(self._machine, self._steps)
        state.run(common.instructions, common, entry.start, address, None)
        state.run(entry.instructions, common, entry.start, address, state.copy())
        return state.rule(common.return_in)


class _Common(msgspec.Struct, frozen=True):
    """A common information entry: factors of code and data addresses, the return address's
    register, how its entries encode pointers, whether they have augmentation data."""

    code: int
    data: int
    return_in: int
    encoding: int
    augmented: bool
    instructions: Cursor


class _Entry(msgspec.Struct, frozen=True):
    """A frame description entry: the code that it is for, what describes it."""

    start: int
    size: int
    common: _Common
    instructions: Cursor


class _State:
    """The rules at one point of a function while its instructions are carried out."""

    def __init__(self, machine: Machine, steps: Steps) -> None:
        self.machine = machine
        self.steps = steps
        self.base = machine.stack
        self.offset = 0
        self.known = True
        """Whether the CFA is a register plus an offset, as everywhere but in jump tables."""
        self.saved: dict[int, int] = {}
        self.moved: dict[int, int] = {}

    def copy(self) -> _State:
        other = _State(self.machine, self.steps)
        other.restore(self)
        return other

    def restore(self, other: _State) -> None:
        self.base, self.offset, self.known = other.base, other.offset, other.known
        self.saved, self.moved = dict(other.saved), dict(other.moved)

    def rule(self, return_in: int) -> Rule | None:
        if not self.known or self.base not in (self.machine.stack, self.machine.frame):
            return None
        at = self.saved.get(return_in)
        register = self.moved.get(return_in, return_in)
        if register == _ABSENT:
            return None  # the outermost frame
        return Rule(self.base, self.offset, at, register, self.saved.get(self.machine.frame))

    def run(
        self, cursor: Cursor, common: _Common, here: int, until: int, initial: _State | None
    ) -> None:
        """Carry out instructions up to an address. initial: the state that DW_CFA_restore means."""
        states: list[_State] = []
        while cursor.at < cursor.end:
            self.steps.take(1)
            code = cursor.number(1)
            operation, operand = code & 0xC0, code & 0x3F
            if operation == 0x40:
                here += operand * common.code
            elif operation == 0x80:
                self._save(operand, cursor.uleb() * common.data)
            elif operation == 0xC0:
                self._forget(operand, initial)
            elif code in (0x02, 0x03, 0x04):  # advance_loc1, 2, 4
                here += cursor.number(1 << (code - 2)) * common.code
            elif code == 0x0A:  # remember_state
                states.append(self.copy())
                if len(states) > _MOST_STATES:
                    raise MalformedError("too many states")
            elif code == 0x0B:  # restore_state
                if not states:
                    raise MalformedError("no state to go back to")
                self.restore(states.pop())
            else:
                self._other(code, cursor, common, initial)
            if here > until:
                return

    def _save(self, register: int, offset: int) -> None:
        if register >= _MOST_REGISTERS:
            raise MalformedError("a register that no machine has")
        self.saved[register] = offset
        self.moved.pop(register, None)

    def _move(self, register: int, other: int) -> None:
        self._save(register, 0)
        del self.saved[register]
        self.moved[register] = other

    def _forget(self, register: int, initial: _State | None) -> None:
        self.saved.pop(register, None)
        self.moved.pop(register, None)
        if initial is not None and register in initial.saved:
            self.saved[register] = initial.saved[register]

    def _other(self, code: int, cursor: Cursor, common: _Common, initial: _State | None) -> None:
        match code:
            case 0x00 | 0x2D:  # nop; signing of the return address on aarch64
                pass
            case 0x05:  # offset_extended
                register = cursor.uleb()
                self._save(register, cursor.uleb() * common.data)
            case 0x11:  # offset_extended_sf
                register = cursor.uleb()
                self._save(register, cursor.sleb() * common.data)
            case 0x06:  # restore_extended
                self._forget(cursor.uleb(), initial)
            case 0x07:  # undefined
                self._move(cursor.uleb(), _ABSENT)
            case 0x08:  # same_value
                self._forget(cursor.uleb(), None)
            case 0x09:  # register
                register = cursor.uleb()
                self._move(register, cursor.uleb())
            case 0x0C:  # def_cfa
                self.base, self.offset, self.known = cursor.uleb(), cursor.uleb(), True
            case 0x12:  # def_cfa_sf
                self.base, self.known = cursor.uleb(), True
                self.offset = cursor.sleb() * common.data
            case 0x0D:  # def_cfa_register
                self.base = cursor.uleb()
            case 0x0E:  # def_cfa_offset
                self.offset = cursor.uleb()
            case 0x13:  # def_cfa_offset_sf
                self.offset = cursor.sleb() * common.data
            case 0x0F:  # def_cfa_expression
                cursor.skip(cursor.uleb())
                self.known = False
            case 0x10 | 0x16:  # expression, val_expression
                register = cursor.uleb()
                cursor.skip(cursor.uleb())
                self._move(register, _ABSENT)
            case 0x2E:  # GNU_args_size
                cursor.uleb()
            case _:
                raise MalformedError("an instruction that we do not read")
