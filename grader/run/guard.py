"""Owns what the supervisor refuses where runs share the machine with others: calls whose target is
no process of the run, addresses that lead out of it, ways that lead elsewhere.

Asked at the entry stop. What a process names by number can't change after that; an address in its
memory can, by another thread of it, so Landlock stands behind this as far as the kernel has it.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.kernel import lives, proc, sock_diag
from grader.kernel.landlock import scopes_signals
from grader.kernel.objects import socket_inode
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call
from grader.run.changes import CHANGING, change, watch
from grader.run.journal import MAKING
from grader.run.tier import Tier

_EVERYONE = -1
_BY_PID = frozenset(
    (
        "tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open prlimit64 sched_setaffinity "
        "sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages"
    ).split()
)
"""Calls whose first argument names a process or a thread, 0 for the caller."""
_BY_KIND = ("setpriority", "ioprio_set")
"""Calls whose second argument names a process, a group or a user, as the first says."""
_ADDRESS = {"connect": 1, "bind": 1, "sendto": 4}
"""Calls with an address and, right behind it, its length."""
_MESSAGES = ("sendmsg", "sendmmsg")

GUARDED = (
    "kill",
    *_BY_PID,
    *_BY_KIND,
    *_ADDRESS,
    *_MESSAGES,
    "setsockopt",
    *CHANGING,
    "inotify_add_watch",
)
"""The calls that are asked about."""

_AF_UNSPEC, _AF_UNIX, _AF_INET, _AF_INET6 = 0, 1, 2, 10
_SOL_IP, _SOL_IPV6 = 0, 41
_STEERING = frozenset(
    (
        *((socket.SOL_SOCKET, option) for option in (25, 62)),  # SO_BINDTODEVICE, …IFINDEX
        *((_SOL_IP, option) for option in (4, 50)),  # IP_OPTIONS (source routes), IP_UNICAST_IF
        # IPV6_2292RTHDR, …PKTOPTIONS, IPV6_NEXTHOP, IPV6_PKTINFO, IPV6_RTHDR, IPV6_UNICAST_IF
        *((_SOL_IPV6, option) for option in (5, 6, 9, 50, 57, 76)),
    )
)
"""Options (setsockopt(2), level and name) that send what is for the loopback device elsewhere."""
_LONGEST = 128
"""sizeof(struct sockaddr_storage)."""
_MOST_MESSAGES = 1024
"""UIO_MAXIOV: sendmmsg(2) takes no more."""
_HEADER, _MMSG_HEADER = struct.Struct("=QI20xQQ"), 64
"""struct msghdr: the address, its length, control messages, their length. sizeof struct mmsghdr."""
_CONTROL = struct.Struct("=Qi4x")
"""struct cmsghdr: length and level."""
_MOST_CONTROL = 1 << 17
"""Bytes: more than net.core.optmem_max lets through (socket(7))."""


def guard(observer: Observer, tier: Tier) -> Callable[[Call], int | None]:
    """A function from a call to the errno that it is refused with, 0 where it was made in the
    program's place, None where it may happen."""

    def refused(call: Call) -> int | None:
        name = call.name
        if call.task.proc.quiet:
            return None
        if name in MAKING:
            tier.foresee(observer, call)
        if name not in GUARDED:
            return None
        if name in CHANGING:
            return change(observer, tier, call)
        if name == "inotify_add_watch":
            return watch(observer, tier, call)
        if name == "kill":
            return _answer(call.signed(0), allowed=_may_kill(observer, call.signed(0)))
        if name in _BY_PID:
            pid = call.signed(0)
            return _answer(pid, allowed=pid == 0 or _ours(observer, pid))
        if name in _BY_KIND:
            return None if _may_rank(observer, name, call) else errno.EPERM
        if name == "setsockopt":
            return errno.EPERM if (call.signed(1), call.signed(2)) in _STEERING else None
        if name in _MESSAGES and _steers(observer, call):
            return errno.EPERM
        return _address(observer, tier, call)

    return refused


def _answer(target: int, *, allowed: bool) -> int | None:
    """What the kernel itself would say of a process or group that is none of the run's."""
    if allowed:
        return None
    try:
        os.kill(target, 0) if target != _EVERYONE else None
    except ProcessLookupError:
        return errno.ESRCH
    except (PermissionError, OverflowError):
        return errno.EPERM
    return errno.EPERM


def _ours(observer: Observer, pid: int) -> bool:
    task = observer.tasks.get(pid)
    if task is not None:
        return not task.proc.quiet
    ended = observer.by_inner(pid)  # nothing is numbered anew here
    return ended is not None and lives.is_zombie(observer, ended)


def _may_kill(observer: Observer, pid: int) -> bool:
    if pid == _EVERYONE:
        return False
    return pid == 0 or (_ours(observer, pid) if pid > 0 else _our_group(observer, -pid))


def _our_group(observer: Observer, group: int) -> bool:
    """A group lies within a session, and the sessions of the run are its own."""
    members = [p for p in observer.processes if p.alive or lives.is_zombie(observer, p)]
    for process in members:
        known = proc.stat(process.pid)
        if known is not None and known.group == group:
            return True
    return False


def _may_rank(observer: Observer, name: str, call: Call) -> bool:
    kind = call.signed(0) + (0 if name == "ioprio_set" else 1)  # PRIO_PROCESS is 0, IOPRIO_… 1
    who = call.signed(1)
    if kind == 1:
        return who == 0 or _ours(observer, who)
    return kind == 2 and (who == 0 or _our_group(observer, who))


# -- addresses ------------------------------------------------------------------------------------


def _address(observer: Observer, tier: Tier, call: Call) -> int | None:
    for address, length in _addresses(observer, call):
        content = observer.read(call.task, address, min(length, _LONGEST)) if address else None
        if content is None or len(content) < 2:
            continue
        if not _inside(tier, call, content) or _for_a_stranger(observer, call, content):
            return errno.EACCES
    return None


def _addresses(observer: Observer, call: Call) -> list[tuple[int, int]]:
    if call.name in _ADDRESS:
        index = _ADDRESS[call.name]
        return [(call.args[index], call.unsigned(index + 1))]
    return [(address, length) for address, length, _control, _size in _headers(observer, call)]


def _headers(observer: Observer, call: Call) -> Iterator[tuple[int, int, int, int]]:
    """Of each message: where its address is, how long, where its control messages, how long."""
    count = min(call.unsigned(2), _MOST_MESSAGES) if call.name == "sendmmsg" else 1
    for index in range(count):
        header = observer.read(call.task, call.args[1] + index * _MMSG_HEADER, _HEADER.size)
        if header is None or len(header) < _HEADER.size:
            break
        yield _HEADER.unpack(header)


def _steers(observer: Observer, call: Call) -> bool:
    """Whether a control message of its own (cmsg(3)) could choose the way of a datagram."""
    for _address, _length, control, size in _headers(observer, call):
        content = (size and observer.read(call.task, control, min(size, _MOST_CONTROL))) or b""
        at = 0
        while at + _CONTROL.size <= len(content):
            length, level = _CONTROL.unpack_from(content, at)
            if level in (_SOL_IP, _SOL_IPV6):
                return True
            at += max(_CONTROL.size, (length + 7) & ~7)
    return False


def _inside(tier: Tier, call: Call, content: bytes) -> bool:
    """Whether an address (struct sockaddr) lies within the run or on the loopback device."""
    (family,) = struct.unpack_from("=H", content)
    if family == _AF_UNSPEC:
        if call.name == "connect":
            return True  # that undoes a connection
        family = _AF_INET  # to send to one, udp(7) takes it for the other
    if family == _AF_UNIX:
        return _unix_inside(tier, call, content[2:])
    if family == _AF_INET and len(content) >= 8:
        return ipaddress.IPv4Address(content[4:8]).is_loopback or _any(content[4:8], call)
    if family == _AF_INET6 and len(content) >= 24:
        address = ipaddress.IPv6Address(content[8:24])
        mapped = address.ipv4_mapped
        local = address.is_loopback or (mapped is not None and mapped.is_loopback)
        return local or _any(content[8:24], call)
    return family not in (_AF_INET, _AF_INET6)


def _any(address: bytes, call: Call) -> bool:
    """The wildcard address: to bind to it is usual; to connect to it means this machine."""
    return not any(address) and call.name in ("bind", "connect")


def _for_a_stranger(observer: Observer, call: Call, content: bytes) -> bool:
    """Whether a datagram for a port of this machine would reach a program that is not of the run.
    TCP ports are Landlock's."""
    family, port = struct.unpack("=H", content[:2])[0], int.from_bytes(content[2:4], "big")
    inode = socket_inode(call.task.proc.view, call.signed(0))
    end = observer.objects.ends.get(inode) if inode is not None else None
    if call.name == "bind" or family == _AF_UNIX or end is None or end.type != "datagram":
        return False
    bound = sock_diag.datagram_sockets(port)
    processes = observer.live()
    ours = any(process.files.holds(inode) for inode in bound for process in processes)
    return bool(bound) and not ours


def _unix_inside(tier: Tier, call: Call, path: bytes) -> bool:
    if not path or path[0] == 0:
        # autobind, or abstract: Landlock keeps those apart where it can
        return call.name == "bind" or scopes_signals()
    name = os.fsdecode(path.split(b"\0", 1)[0])
    folder = proc.work_directory(call.task.proc.view) or "/"
    try:
        real = os.path.realpath(Path(folder, name))
    except OSError:  # a link on the way has become something else meanwhile
        return False
    return any(real.startswith(f"{own}/") for own in (tier.work, tier.temporary))
