"""Owns the tier `landlock`: a run on the machine's own system, IPC and network, with rules."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from grader.course.steps import Wait
from grader.errors import SandboxError
from grader.kernel import folder, ids, landlock, leftovers, libc, namespaces, partner, root, venv
from grader.kernel.leftovers import Found
from grader.kernel.observer import Observer
from grader.kernel.seccomp import RefusedArgument
from grader.kernel.tracee import Call
from grader.run import journal
from grader.run.spec import Isolation, RunSpec
from grader.run.tier import package_file
from grader.trace.model import Event

_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER (prctl(2))."""
REFUSED_CALLS_WHERE_SHARED: dict[str, int] = {
    **dict.fromkeys("chown fchown lchown fchownat utime utimes futimesat".split(), errno.EPERM),
    "file_setattr": errno.EPERM,
    **dict.fromkeys(
        "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr "
        "removexattrat".split(),
        errno.EOPNOTSUPP,
    ),
}
"""Calls that change files besides their content, and that Landlock does not rule over: where the
run has the user ID of whoever grades, all of that user's files. Other ones `changes` makes."""
REFUSED_WHERE_SHARED = (
    # FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR: likewise
    RefusedArgument("ioctl", 1, errno.EPERM, values=(0x40086602, 0x401C5820)),
    # F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP: have the kernel signal a stranger
    RefusedArgument("fcntl", 1, errno.EPERM, values=(8, 15)),
    RefusedArgument("ioctl", 1, errno.EPERM, values=(0x8901, 0x8902)),
    # AF_NETLINK tells about the machine's own network
    RefusedArgument("socket", 0, errno.EAFNOSUPPORT, values=(16,)),
    # Landlock knows the ports of TCP alone, and of a TCP that is asked to connect: neither MPTCP,
    # nor SCTP, nor data that open a connection (MSG_FASTOPEN). Left: the default, ICMP, TCP, UDP
    RefusedArgument("socket", 2, errno.EPROTONOSUPPORT, unless=(0, 1, 6, 17)),
    *(
        RefusedArgument(call, flags, errno.EOPNOTSUPP, bits=0x20000000)
        for call, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3))
    ),
)
"""Calls that programs could reach beyond the run with."""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/nsswitch.conf",
    "/etc/hosts",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class SharedSystem:
    """Tier `landlock`: the machine's own system, IPC and network, with rules."""

    def __init__(self, spec: RunSpec) -> None:
        if landlock.version() == 0:
            raise SandboxError("Landlock: this kernel has none")
        self.name: Isolation = "landlock"
        self.guarded = True
        if spec.observed:  # the lock is ours: what looks abandoned is
            sweep()
        self.owner = ids.run_id() if _others_may_run(spec) else None
        self._folder = folder.make(self.owner)
        self.work = self._folder.home
        self.temporary = self._folder.temporary
        self.python = self._folder.python
        self.folders = {self.work: "file", self.temporary: "file"}
        self._before = {(found.kind, found.id) for found in leftovers.table()}
        self._journal = journal.Journal(self._folder.journal)

    def enter(self, map_ids: Callable[[], None]) -> None:  # noqa: ARG002 - nothing to map
        # all that a dying run leaves behind becomes ours to reap
        namespaces.check("become a subreaper", libc.prctl(_SUBREAPER, 1))

    def settle(self) -> None:
        """The supervisor keeps its ids: it must be able to trace and to clear up."""

    def build(self, spec: RunSpec) -> None:
        namespaces.check("become a subreaper", libc.prctl(_SUBREAPER, 1))
        packages = [package_file(name) for name in spec.packages]
        venv.create(self.python)
        for package in packages:
            Path(venv.packages(self.python), Path(package).name).symlink_to(package)
        os.chdir(self.work)
        own: tuple[str, ...] = (self.work, self.temporary)
        if spec.observed:  # builds need no shared memory, and are not watched
            own = (*own, "/dev/shm", "/dev/mqueue")
        landlock.restrict(
            landlock.Rules(
                programs=(*_SYSTEM, *_interpreter(), *packages, self.python),
                files=_FILES,
                devices=_DEVICES,
                folders=own,
                ports=_ports(spec),
            )
        )

    def become_student(self) -> None:
        landlock.set_apart()  # what is outside of its own domain a program cannot look into
        if self.owner is not None:
            os.setgroups([])
            os.setresgid(self.owner, self.owner, self.owner)
            os.setresuid(self.owner, self.owner, self.owner)

    def relocate(self, word: str) -> str:
        return word.replace(root.WORK, self.work)

    def note(self, event: Event) -> None:
        self._journal.note(event)

    def foresee(self, observer: Observer, call: Call) -> None:
        self._journal.foresee(observer, call)

    def adopt(self, kind: str, id: int) -> None:
        self._journal.made(kind, id)
        if self.owner is not None:
            partner.give(kind, id, self.owner)

    def objects(self) -> list[Found]:
        new = [each for each in leftovers.table() if (each.kind, each.id) not in self._before]
        noted = self._journal.of(new)
        return noted + [each for each in new if each.owner == self.owner and each not in noted]

    def clear(self) -> None:
        leftovers.remove(self.objects())
        self._folder.close()


def sweep() -> None:
    """Remove what a killed grader left: folders, and the objects that their journals name.

    To be called under the machine-wide lock, so whatever has an id of a run is nobody's.
    """
    for path in folder.stale():
        leftovers.remove(journal.read(path / "objects").of(leftovers.table()))
        folder.remove(path)
    if os.geteuid() == 0:
        leftovers.remove(each for each in leftovers.table() if ids.is_run_id(each.owner))


def _interpreter() -> tuple[str, ...]:
    """The interpreter's own folders, where it does not come with the system."""
    return tuple({sys.base_prefix, os.path.realpath(sys.base_prefix)})


def _others_may_run(spec: RunSpec) -> bool:
    """Whether a user other than the one who grades gets as far as the interpreter, where one is
    needed: it may lie in a private home."""
    needed = [package_file(name) for name in spec.packages]
    if any("{python}" in program.argv for program in spec.programs.values()):
        needed += _interpreter()
    return all(
        (place.stat().st_mode & 0o005) == 0o005 or place.is_file()
        for path in needed
        for place in (Path(path), *Path(path).parents)
    )


def _ports(spec: RunSpec) -> frozenset[int]:
    """The TCP ports that the scenario names anywhere, and 0."""
    words: list[str] = list(spec.values.values())
    for step in spec.steps:
        words += [str(word) for word in getattr(step, "args", ())]
        if isinstance(step, Wait) and not isinstance(step.until, str):
            words.append(str(step.until.listening))
    numbers = {int(word) for word in words if word.isascii() and word.isdecimal()}
    return frozenset({0, *(number for number in numbers if number < 1 << 16)})
