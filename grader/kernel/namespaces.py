"""Owns the namespaces of a run and the id maps that make them ours: user_namespaces(7)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
from pathlib import Path

from grader.errors import SandboxError
from grader.kernel import abi, libc
from grader.kernel.ids import is_mapped, run_id_of

INNER_ID = 1000
"""The one user and group id that exists inside."""
NOBODY = 65534
"""Student code never has the ids of the machine's root."""


def enter() -> None:
    """Leave the caller's user, IPC, network and UTS namespaces; children get a new PID one."""
    flags = (
        abi.CLONE_NEWUSER
        | abi.CLONE_NEWIPC
        | abi.CLONE_NEWNET
        | abi.CLONE_NEWUTS
        | abi.CLONE_NEWPID
    )
    check("unshare namespaces", libc.unshare(flags))


def map_ids(pid: int) -> None:
    """Map INNER_ID of pid's new user namespace; to be called by its parent, outside of it.

    The caller's own ids where it is an ordinary user. Where it is root, ids that no other run has,
    for the kernel counts some things by user (pipe pages); nobody's in a container without them;
    its own in a container of one id, where root is some ordinary user.
    """
    _write_map(pid, "setgroups", "deny")
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        known = [id for id in (run_id_of(pid), NOBODY) if is_mapped(id)]
        user = group = known[0] if known else 0
    _write_map(pid, "uid_map", f"{INNER_ID} {user} 1")
    _write_map(pid, "gid_map", f"{INNER_ID} {group} 1")


def _write_map(pid: int, file: str, content: str) -> None:
    try:
        Path(f"/proc/{pid}/{file}").write_text(content)
    except OSError as error:
        raise SandboxError(f"write {file}", error.errno or 0) from error


def become_inner_user() -> None:
    """Take the mapped ids; all capabilities inside the user namespace stay for the set-up."""
    try:
        os.setresgid(INNER_ID, INNER_ID, INNER_ID)
        os.setresuid(INNER_ID, INNER_ID, INNER_ID)
    except OSError as error:
        raise SandboxError("take the sandbox's user id", error.errno or 0) from error
    # a change of ids hides /proc/self from ourselves and from the supervisor
    libc.prctl(abi.PR_SET_DUMPABLE, 1)


def raise_loopback() -> None:
    """Bring `lo` up in this network namespace (netdevice(7)), with bounded buffers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0)
        try:
            flags = fcntl.ioctl(control, abi.SIOCGIFFLAGS, request)
            (value,) = struct.unpack_from("h", flags, 16)
            fcntl.ioctl(
                control, abi.SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", value | abi.IFF_UP)
            )
        except OSError as error:
            raise SandboxError("bring up lo", error.errno or 0) from error
    _bound_tcp_buffers()


def _bound_tcp_buffers() -> None:
    """Keep the namespace's TCP buffers below a megabyte (tcp(7)).

    Left to themselves they grow to many, and hide that a program does not read while it writes.
    Where a container does not let us, such programs are not found out.
    """
    for name in ("tcp_rmem", "tcp_wmem"):
        with contextlib.suppress(OSError):
            place = os.open(f"/proc/sys/net/ipv4/{name}", os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(place, b"4096 131072 262144")
            finally:
                os.close(place)


def check(step: str, result: int) -> int:
    """The result of a set-up call, or SandboxError that names the step and the errno."""
    if result < 0:
        raise SandboxError(step, -result)
    return result
