"""Owns the seccomp filters: which calls stop for the tracer, which are refused, as classic BPF."""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable, Mapping

import msgspec

from grader.kernel import abi, abi_files
from grader.kernel.numbers import ARCHITECTURES, NUMBERS

# include/uapi/linux/bpf_common.h
_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

# struct seccomp_data (include/uapi/linux/seccomp.h), little-endian low halves
_NUMBER, _ARCH, _ARGS = 0, 4, 16

_X32_BIT = 0x40000000
_AUDIT = {"x86_64": abi.AUDIT_ARCH_X86_64, "aarch64": abi.AUDIT_ARCH_AARCH64}


class RefusedArgument(msgspec.Struct, frozen=True):
    """A call that is refused for some values of one argument (0 to 5; its low 32 bits).

    bits: refused if any of them is set; values: refused if the argument is one of them; unless:
    refused if it is none of them. One of the three is given.
    """

    call: str
    argument: int
    errno: int
    bits: int = 0
    values: tuple[int, ...] = ()
    unless: tuple[int, ...] = ()


class Narrowed(msgspec.Struct, frozen=True):
    """A traced call that stops only for some values of one argument (0 to 5; its low 32 bits).

    bits: it stops if any of them is set; silent: it stops unless the argument is one of these;
    loud: it stops only if the argument is one of these; given: it stops unless the argument is a
    null pointer, all 64 bits of it.
    """

    argument: int
    bits: int = 0
    silent: tuple[int, ...] = ()
    loud: tuple[int, ...] = ()
    given: bool = False


NARROWED: dict[str, Narrowed] = {
    "mmap": Narrowed(3, bits=1),  # MAP_SHARED; loaders and allocators map privately
    "fcntl": Narrowed(1, silent=(abi_files.F_GETFD, abi_files.F_GETFL)),
    "ioctl": Narrowed(1, loud=(abi_files.FIONBIO, abi_files.FIOCLEX, abi_files.FIONCLEX)),
    # a null pointer for what is to be set: they only ask (CPython does for every signal)
    "rt_sigaction": Narrowed(1, given=True),
    "rt_sigprocmask": Narrowed(1, given=True),
    # FUTEX_PRIVATE_FLAG with wake, requeue, cmp_requeue, wake_op, unlock_pi, trylock_pi,
    # wake_bitset, cmp_requeue_pi: they never sleep and concern one process only
    "futex": Narrowed(1, silent=(129, 131, 132, 133, 135, 136, 138, 140)),
}
"""Traced calls whose other uses are frequent and could make no event."""


def architecture() -> str:
    """ "x86_64" or "aarch64"; OSError(ENOSYS) on a machine whose calls we do not know."""
    machine = platform.machine()
    if machine not in _AUDIT:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    return machine


def number(name: str) -> int | None:
    """The number of a call on this machine, None where it has no such call."""
    return NUMBERS[name][ARCHITECTURES.index(architecture())]


def names() -> dict[int, str]:
    """Call names by number on this machine."""
    column = ARCHITECTURES.index(architecture())
    return {nr: name for name, row in NUMBERS.items() if (nr := row[column]) is not None}


def build_filter(
    traced: Iterable[str],
    refused: Mapping[str, int] | None = None,
    refused_arguments: Iterable[RefusedArgument] = (),
) -> bytes:
    """The filter as struct sock_filter[]: traced calls stop, refused ones fail with their errno.

    Foreign ABIs (32-bit, x32) fail with ENOSYS when anything is refused: they would reach calls
    by numbers that this filter does not read. Everything else runs at full speed.
    """
    refused = refused or {}
    foreign = _errno(errno.ENOSYS) if refused else abi.SECCOMP_RET_ALLOW
    program = [
        _op(_LOAD, 0, 0, _ARCH),
        _op(_EQUAL, 1, 0, _AUDIT[architecture()]),
        _op(_RETURN, 0, 0, foreign),
        _op(_LOAD, 0, 0, _NUMBER),
        _op(_AT_LEAST, 0, 1, _X32_BIT),
        _op(_RETURN, 0, 0, foreign),
    ]
    for rule in refused_arguments:
        nr = number(rule.call)
        if nr is not None:
            program += _refuse(nr, rule)
    actions = {
        nr: _errno(code) for name, code in refused.items() if (nr := number(name)) is not None
    }
    actions |= {
        nr: abi.SECCOMP_RET_TRACE
        for name in traced
        if (nr := number(name)) is not None and nr not in actions
    }
    for name, narrowed in NARROWED.items():
        nr = number(name)
        if nr is not None and actions.get(nr) == abi.SECCOMP_RET_TRACE:
            del actions[nr]
            program += _narrow(nr, narrowed)
    for nr in sorted(actions):
        program += [_op(_EQUAL, 0, 1, nr), _op(_RETURN, 0, 0, actions[nr])]
    program.append(_op(_RETURN, 0, 0, abi.SECCOMP_RET_ALLOW))
    return b"".join(program)


def _refuse(nr: int, rule: RefusedArgument) -> list[bytes]:
    """Falls through to what follows, with the number loaded again, if the rule does not apply."""
    refuse = _op(_RETURN, 0, 0, _errno(rule.errno))
    body = [_op(_LOAD, 0, 0, _ARGS + 8 * rule.argument)]
    if rule.bits:
        body += [_op(_ANY_BIT, 0, 1, rule.bits), refuse]
    for value in rule.values:
        body += [_op(_EQUAL, 0, 1, value), refuse]
    for left, value in zip(range(len(rule.unless), 0, -1), rule.unless, strict=True):
        body.append(_op(_EQUAL, left, 0, value))
    if rule.unless:
        body.append(refuse)
    body.append(_op(_LOAD, 0, 0, _NUMBER))
    return [_op(_EQUAL, 0, len(body), nr), *body]


def _narrow(nr: int, narrowed: Narrowed) -> list[bytes]:
    allow = _op(_RETURN, 0, 0, abi.SECCOMP_RET_ALLOW)
    trace = _op(_RETURN, 0, 0, abi.SECCOMP_RET_TRACE)
    body = [_op(_LOAD, 0, 0, _ARGS + 8 * narrowed.argument)]
    if narrowed.bits:
        body += [_op(_ANY_BIT, 1, 0, narrowed.bits), allow]
    for value in narrowed.silent:
        body += [_op(_EQUAL, 0, 1, value), allow]
    for value in narrowed.loud:
        body += [_op(_EQUAL, 0, 1, value), trace]
    if narrowed.given:  # an address may be a multiple of 2^32
        body += [_op(_EQUAL, 1, 0, 0), trace, _op(_LOAD, 0, 0, _ARGS + 8 * narrowed.argument + 4)]
        body += [_op(_EQUAL, 0, 1, 0), allow]
    body.append(allow if narrowed.loud else trace)
    return [_op(_EQUAL, 0, len(body), nr), *body]


def _errno(code: int) -> int:
    return abi.SECCOMP_RET_ERRNO | code


def _op(code: int, if_true: int, if_false: int, operand: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand & 0xFFFFFFFF)
