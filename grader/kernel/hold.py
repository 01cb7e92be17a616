"""Owns keeping a call from happening at its entry: held, to be made again after what is pending
was delivered, or refused with an errno.

At a seccomp stop the call's number becomes -1, so the kernel skips it (seccomp(2)); at the exit
stop the program counter goes back to the call's instruction. A signal that was sent meanwhile is
delivered in between, with the call still ahead.
"""

from __future__ import annotations

import ctypes
import platform
import struct

from grader.kernel import abi, libc
from grader.kernel.tracee import Call

_PTRACE_POKEUSER = 6
# arch/x86/include/uapi/asm/ptrace-abi.h: offsets in struct user_regs_struct
_X86_RAX, _X86_ORIG_RAX, _X86_RIP = 80, 120, 128
_X86_INSTRUCTION = 2  # the bytes of `syscall`
# include/uapi/linux/elf.h
_NT_PRSTATUS, _NT_ARM_SYSTEM_CALL = 1, 0x404
_ARM_REGISTERS = struct.Struct("=34Q")  # x0 to x30, sp, pc, pstate
_ARM_PC = 32
_ALL_BITS = (1 << 64) - 1
_ARM_INSTRUCTION = 4


def skip(call: Call) -> bool:
    """At the entry stop: have the kernel skip the call. False if the tracee is gone."""
    tid = call.task.tid
    if platform.machine() == "x86_64":
        return libc.ptrace(_PTRACE_POKEUSER, tid, _X86_ORIG_RAX, (1 << 64) - 1) == 0
    return _set_registers(tid, _NT_ARM_SYSTEM_CALL, struct.pack("=i", -1))


def refuse(call: Call, errno: int) -> bool:
    """At the entry stop: have the call fail with this errno, or of 0 do nothing and succeed. False
    if the tracee is gone."""
    tid = call.task.tid
    if platform.machine() == "x86_64":
        # a skipped call returns what the register holds (seccomp(2), SECCOMP_RET_TRACE)
        result = libc.ptrace(_PTRACE_POKEUSER, tid, _X86_RAX, -errno & _ALL_BITS)
        return result == 0 and skip(call)
    registers = _arm_registers(tid)
    if registers is None:
        return False
    registers[0] = -errno & _ALL_BITS
    return _set_registers(tid, _NT_PRSTATUS, _ARM_REGISTERS.pack(*registers)) and skip(call)


def rewind(call: Call, number: int) -> bool:
    """Behind a call that was skipped or broken off: have the tracee make it again. False if it is
    gone."""
    if platform.machine() == "x86_64":
        return _go_to(call, number, call.address - _X86_INSTRUCTION)
    return _go_to(call, call.args[0], call.address - _ARM_INSTRUCTION)


def fail(call: Call, errno: int) -> bool:
    """Of a call that was rewound: have it have failed instead. False if the tracee is gone."""
    return _go_to(call, (1 << 64) - errno, call.address)


def _go_to(call: Call, result: int, instruction: int) -> bool:
    """Set the register that calls return their result in, and the program counter."""
    tid = call.task.tid
    if platform.machine() == "x86_64":
        return (
            libc.ptrace(_PTRACE_POKEUSER, tid, _X86_RAX, result) == 0
            and libc.ptrace(_PTRACE_POKEUSER, tid, _X86_RIP, instruction) == 0
        )
    registers = _arm_registers(tid)
    if registers is None:
        return False
    registers[0] = result
    registers[_ARM_PC] = instruction
    return _set_registers(tid, _NT_PRSTATUS, _ARM_REGISTERS.pack(*registers))


def _arm_registers(tid: int) -> list[int] | None:
    buffer = ctypes.create_string_buffer(_ARM_REGISTERS.size)
    vector = struct.pack("=QQ", ctypes.addressof(buffer), len(buffer))
    holder = ctypes.create_string_buffer(vector, len(vector))
    if libc.ptrace(abi.PTRACE_GETREGSET, tid, _NT_PRSTATUS, ctypes.addressof(holder)) < 0:
        return None
    return list(_ARM_REGISTERS.unpack(buffer.raw))


def _set_registers(tid: int, which: int, content: bytes) -> bool:
    buffer = ctypes.create_string_buffer(content, len(content))
    vector = struct.pack("=QQ", ctypes.addressof(buffer), len(content))
    holder = ctypes.create_string_buffer(vector, len(vector))
    return libc.ptrace(abi.PTRACE_SETREGSET, tid, which, ctypes.addressof(holder)) == 0
