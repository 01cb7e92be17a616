"""Owns the questions about a process's program image: where its code is mapped, what the kernel
told it at its start, the registers of its threads. A vanished process is a value, not an error."""

from __future__ import annotations

import ctypes
import os
import platform
import struct

import msgspec

from grader.kernel import abi, libc

_MOST_MAPPINGS = 1 << 20
"""Bytes of /proc/PID/maps that are read."""
_NT_PRSTATUS = 1  # include/uapi/linux/elf.h
_X86_ORDER = (10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0)
"""Index in user_regs_struct (arch/x86/include/asm/user_64.h) by DWARF number: rax, rdx, rcx, rbx,
rsi, rdi, rbp, rsp, r8 to r15 (System V psABI for AMD64, figure 3.36)."""
_ARM_ORDER = tuple(range(32))
"""x0 to x30, sp: user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h) has the order of DWARF."""
_ORDER = {"x86_64": _X86_ORDER, "aarch64": _ARM_ORDER}


class Mapping(msgspec.Struct, frozen=True):
    """Code of a file in memory: addresses, the place in the file that lies at `start`."""

    start: int
    end: int
    offset: int
    path: str


def code_mappings(pid: int) -> list[Mapping]:
    """The executable files that a process has mapped: proc_pid_maps(5)."""
    found: list[Mapping] = []
    try:
        with open(f"/proc/{pid}/maps", "rb") as file:
            # the kernel escapes line feeds in names, but no other ends of lines
            lines = file.read(_MOST_MAPPINGS).split(b"\n")
    except OSError:
        return found
    for line in lines:
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and b"x" in fields[1] and fields[5].startswith(b"/"):
            start, _, end = fields[0].partition(b"-")
            path = os.fsdecode(fields[5])
            found.append(Mapping(int(start, 16), int(end, 16), int(fields[2], 16), path))
    return found


def runs_python(pid: int) -> bool:
    """Whether a process is CPython, whose own lines are nobody's: py-spy tells the script's."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith("python")
    except OSError:
        return False


def auxiliary(pid: int, kind: int) -> int | None:
    """A value of the auxiliary vector: getauxval(3), proc_pid_auxv(5)."""
    try:
        with open(f"/proc/{pid}/auxv", "rb") as file:
            content = file.read(4096)
    except OSError:
        return None
    for known, value in struct.iter_unpack("=QQ", content[: len(content) // 16 * 16]):
        if known == kind:
            return int(value)
    return None


def register(tid: int, number: int) -> int | None:
    """A register by its DWARF number; None unless the thread is stopped by ptrace."""
    order = _ORDER.get(platform.machine(), ())
    if number >= len(order):
        return None
    buffer = ctypes.create_string_buffer(512)
    holder = ctypes.create_string_buffer(
        struct.pack("=QQ", ctypes.addressof(buffer), len(buffer)), 16
    )
    if libc.ptrace(abi.PTRACE_GETREGSET, tid, _NT_PRSTATUS, ctypes.addressof(holder)) < 0:
        return None
    (value,) = struct.unpack_from("=Q", buffer, 8 * order[number])
    return int(value)
