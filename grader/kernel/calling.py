"""Owns which line of the student's own program makes a call.

From the instruction that entered the kernel, frame by frame, to the first one in code of the
program's line table. libc has no such lines, and an interpreter's own are not the student's.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable

import msgspec

from grader.kernel import dwarf, elf, image
from grader.kernel.dwarf_cursor import Steps
from grader.kernel.tracee import Task
from grader.kernel.unwind import Frames, Rule, machine
from grader.trace.model import Source

Memory = Callable[[int, int], bytes | None]
"""(address, size): memory of a tracee, None or short where it is unreadable."""

Place = tuple[int | None, Source | None]
"""An address of the program's text, as linked, and the line that it belongs to."""

NOWHERE: Place = (None, None)

_NEAR, _FAR = 192, 4096
"""Bytes of the stack that are read at once: the second where a caller lies beyond the first. A
wrapper of a system call takes few, printf takes 2,400 before it writes."""
_BELOW = 128
"""Saved registers lie so far below a return address."""
_MOST_FILES = 32
"""So many different programs and libraries of a run are read,"""
_MOST_WORK = 3_000_000
"""with so many steps in all, some seconds' work: a course's program takes some thousand."""
_MOST_STEPS = 64
"""So many frames lie between a call and the program's own text."""
_MOST_LOOKS = 16
"""So often the mappings of one program are asked for code that was not known yet (dlopen(3))."""
_MOST_AHEAD = 4
"""Programs that are read ahead: those of one submission,"""
_LARGEST_AHEAD = 1 << 22
"""up to so many bytes, for they are kept."""
_WORD = 8
_LITTLE = struct.Struct("<Q")
_ADDRESS = (1 << 48) - 1
"""Pointer authentication signs the upper bits of return addresses on aarch64."""
_AT_ENTRY = 9  # include/uapi/linux/auxvec.h


class Binary(msgspec.Struct, eq=False):
    """One program or library file; addresses are as linked, not as loaded."""

    machine: int
    entry: int
    code: tuple[elf.Segment, ...]
    frames: Frames
    table: dwarf.Table

    def linked(self, offset: int) -> int | None:
        """The link-time address of code at this place in the file."""
        for part in self.code:
            if part.offset <= offset < part.offset + part.size:
                return offset - part.offset + part.address
        return None


class Text:
    """A program as it lies in the memory of a process, and of those that it forks."""

    def __init__(self, program: Binary, bias: int, binaries: Binaries) -> None:
        self.program = program
        self._bias = bias
        self._low = program.table.starts[0] + bias
        self._high = max(program.table.ends) + bias
        self._machine = machine(program.machine)
        self._binaries = binaries
        self._mappings: list[image.Mapping] = []
        self._rules: dict[int, Rule | None] = {}
        self._plain: dict[int, int] = {}
        """By code: how far above the stack pointer the return address lies, and right above it
        the caller's stack begins. So it is nearly everywhere."""
        self._places: dict[int, Place] = {}
        """By code in the program's own text."""
        self._looks = 0

    def place(self, task: Task, read: Memory, instruction: int, stack: int) -> Place:
        """Where in the program's own text a thread with these registers is: in the call that has
        led to this instruction. NOWHERE if that is not certain.

        The thread should be stopped by ptrace: its other registers are asked where code keeps a
        return address or its frame in one.
        """
        known = self._direct(read, instruction, stack) or self._through_plain(
            read, instruction, stack
        )
        if known is not None:
            return known
        address = self._address(task, read, instruction, stack)
        if address is None:
            return NOWHERE
        found = address, self.program.table.source(address)
        self._places[address + self._bias] = found
        return found

    def _direct(self, read: Memory, instruction: int, stack: int) -> Place | None:
        """The place if the program itself called this wrapper of a system call, and did before."""
        above = self._plain.get(instruction)
        if above is None:
            return None
        word = read(stack + above, _WORD)
        return self._places.get(int.from_bytes(word, "little") - 1) if word else None

    def _through_plain(self, read: Memory, instruction: int, stack: int) -> Place | None:
        """The place if it was found before, and all between is plain."""
        code, at = instruction, 0
        words = read(stack, _FAR) or b""
        while True:
            above = self._plain.get(code)
            if above is None or at + above + _WORD > len(words):
                return self._places.get(code)
            at += above
            code = _LITTLE.unpack_from(words, at)[0] - 1
            at += _WORD

    def _address(self, task: Task, read: Memory, instruction: int, stack: int) -> int | None:
        """The link-time address of (a byte of) the call instruction in the program's own text."""
        code, top, frame = instruction, stack, None
        words = _Stack(read, stack)
        for step in range(_MOST_STEPS):
            if self._low <= code < self._high and self.program.table.covers(code - self._bias):
                return code - self._bias
            rule = self._rule(task, code)
            if rule is None and not step and self._mapping(code) is not None:
                rule = self._machine.leaf  # the C library's assembler says nothing of its own
            if rule is None:
                return None
            if rule.base != self._machine.stack:
                frame = frame if frame is not None else image.register(task.tid, rule.base)
                if frame is None:
                    return None
                top = frame
            top += rule.offset
            if rule.return_at is None:
                back = image.register(task.tid, rule.return_in) if not step else None
            else:
                back = words.at(top + rule.return_at)
                usual = rule.base == self._machine.stack and rule.return_at == -_WORD
                if usual and rule.offset >= _WORD:
                    self._plain[code] = rule.offset - _WORD
            if not back:
                return None
            if rule.frame_at is not None:
                frame = words.at(top + rule.frame_at)
            code = (back & _ADDRESS) - 1
        return None

    def _rule(self, task: Task, code: int) -> Rule | None:
        if code not in self._rules:
            self._rules[code] = self._find(task.proc.view, code)
        return self._rules[code]

    def _find(self, pid: int, code: int) -> Rule | None:
        mapping = self._mapping(code)
        if mapping is None and self._looks < _MOST_LOOKS:
            self._looks += 1
            self._mappings = image.code_mappings(pid)
            mapping = self._mapping(code)
        if mapping is None:
            return None
        binary = self._binaries.mapped(pid, mapping.path)
        if binary is None:
            return None
        address = binary.linked(code - mapping.start + mapping.offset)
        return binary.frames.rule(address) if address is not None else None

    def _mapping(self, code: int) -> image.Mapping | None:
        return next((m for m in self._mappings if m.start <= code < m.end), None)


class _Stack:
    """Words of a tracee's stack, read in few pieces."""

    __slots__ = ("_base", "_read", "_words")

    def __init__(self, read: Memory, base: int) -> None:
        self._read = read
        self._base = base
        self._words = read(base, _NEAR) or b""

    def at(self, address: int) -> int | None:
        """The word at this address, None if it is unreadable."""
        place = address - self._base
        if not 0 <= place <= len(self._words) - _WORD:
            self._base = max(0, address - _BELOW)
            self._words = self._read(self._base, _FAR) or b""
            place = address - self._base
        if place < 0 or place + _WORD > len(self._words):
            return None  # unreadable, or no address at all
        return int(_LITTLE.unpack_from(self._words, place)[0])


_READ_AHEAD: dict[bytes, Binary | None] = {}
"""By content: what processes that are forked from now on need not read again."""


def read_ahead(content: bytes) -> None:
    """Read a program once for all runs of which this process will fork the supervisors. Nothing
    happens for what is no ELF file, or a large one."""
    if len(content) > _LARGEST_AHEAD or not content.startswith(elf.MAGIC):
        return
    if content in _READ_AHEAD:
        return
    if len(_READ_AHEAD) >= _MOST_AHEAD:
        _READ_AHEAD.clear()

    def read(offset: int, size: int) -> bytes:
        return content[offset : offset + size]

    _READ_AHEAD[content] = load(read, Steps(_MOST_WORK), lines=True)


class Binaries:
    """The programs and libraries of a run, each read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], Binary | None] = {}
        self._steps = Steps(_MOST_WORK)

    def text(self, pid: int) -> Text | None:
        """What this process has just executed; None if it is gone, or has no lines of a student."""
        if image.runs_python(pid):
            return None  # one that was built from source has a line table
        program = self._open(f"/proc/{pid}/exe", program=True)
        if program is None or not program.table.starts:
            return None
        entry = image.auxiliary(pid, _AT_ENTRY)
        return Text(program, entry - program.entry, self) if entry is not None else None

    def mapped(self, pid: int, path: str) -> Binary | None:
        """A library (or the program) that a process has mapped; None if it cannot be read."""
        return self._open(f"/proc/{pid}/root{path}", program=False)

    def _open(self, path: str, *, program: bool) -> Binary | None:
        try:
            # whatever the student may have put there: a FIFO must not hold us up
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:
            return None
        try:
            return self._binary(descriptor, program=program)
        finally:
            os.close(descriptor)

    def _binary(self, descriptor: int, *, program: bool) -> Binary | None:
        file = os.fstat(descriptor)
        if not stat.S_ISREG(file.st_mode):
            return None
        key = (file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns)
        if (*key, True) in self._known:
            return self._known[*key, True]
        if (*key, program) not in self._known:
            if len(self._known) >= _MOST_FILES:
                return None

            def read(offset: int, size: int) -> bytes:
                left = file.st_size - offset
                return os.pread(descriptor, min(size, left), offset) if left > 0 else b""

            content = b""
            if program and any(len(known) == file.st_size for known in _READ_AHEAD):
                content = read(0, file.st_size)
            if content in _READ_AHEAD:
                self._known[*key, program] = _READ_AHEAD[content]
            else:
                self._known[*key, program] = load(read, self._steps, lines=program)
        return self._known[*key, program]


def load(read: elf.Read, steps: Steps, *, lines: bool) -> Binary | None:
    """A program or library from its file; None if that is not sound, or if lines are wanted and
    it has none."""
    try:
        parsed = elf.parse(read)
        if lines and ".debug_line" not in parsed.sections:
            return None
        table = dwarf.table(parsed, steps) if lines else dwarf.Table()
        frames = Frames(parsed, steps)
    except elf.MalformedError:
        return None
    return Binary(parsed.machine, parsed.entry, parsed.code, frames, table)
