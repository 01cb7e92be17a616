"""Owns where a run's programs live: one class for each isolation tier, same questions to both.

Called from three processes: the supervisor (`enter`, `settle`, `objects`, `clear`), PID 1 or what
stands for it (`build`), the process that becomes a program (`become_student`).
"""

from __future__ import annotations

import errno
import importlib.util
import os
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from grader.course.steps import Wait
from grader.errors import SandboxError
from grader.kernel import folder, landlock, leftovers, libc, namespaces, partner, root, venv
from grader.kernel.leftovers import Found
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call
from grader.run import journal
from grader.run.spec import Isolation, RunSpec
from grader.trace.model import Event

_PAGE = 4096
_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER (prctl(2))."""


class Tier(Protocol):
    """name: as reports have it. work, temporary, python: folders as programs see them."""

    name: Isolation
    work: str
    temporary: str
    python: str
    folders: dict[str, str]
    """Folders in which a run can leave files, and which kind of residue they are."""
    owner: int | None
    """Whom the submission's files are given to inside; None: whoever writes them."""
    guarded: bool
    """Whether the supervisor itself must refuse what reaches beyond the run."""

    def enter(self, map_ids: Callable[[], None]) -> None:
        """The supervisor goes where the run will be; map_ids has the caller map our ids."""

    def settle(self) -> None:
        """The sandbox stands: the supervisor takes the run's ids where they are its own."""

    def build(self, spec: RunSpec) -> None:
        """Build the sandbox around PID 1, which is in the work folder then; that is empty."""

    def become_student(self) -> None:
        """A program's process, before it does anything for the student, takes its ids; OSError."""

    def relocate(self, word: str) -> str:
        """A word of a command line or a path with the work folder as it is here."""

    def note(self, event: Event) -> None:
        """Something has happened: what must outlive the grader's own end is written down."""

    def foresee(self, observer: Observer, call: Call) -> None:
        """A call that may make an object is about to happen; asked where `guarded`."""

    def adopt(self, kind: str, id: int) -> None:
        """An object that the supervisor has made for the run becomes the run's own."""

    def objects(self) -> list[Found]:
        """The IPC objects of the run."""

    def clear(self) -> None:
        """Everything has ended: leave nothing."""


class PrivateRoot:
    """Tier `namespaces`: the kernel itself keeps the run apart and clears up after it."""

    def __init__(self) -> None:
        self.name: Isolation = "namespaces"
        self.work = root.WORK
        self.temporary = "/tmp"
        self.python = root.PYTHON
        self.folders = {
            root.WORK: "file",
            "/tmp": "file",
            "/dev/shm": "shm",
            "/dev/mqueue": "mq",
        }
        self.owner: int | None = None
        self.guarded = False

    def enter(self, map_ids: Callable[[], None]) -> None:
        namespaces.enter()
        map_ids()

    def settle(self) -> None:
        namespaces.become_inner_user()

    def build(self, spec: RunSpec) -> None:
        namespaces.raise_loopback()
        socket.sethostname("sandbox")
        packages = tuple(package_file(name) for name in spec.packages)
        given = sum(-(-len(content) // _PAGE) * _PAGE for content, _ in spec.tree.files.values())
        root.build(root.Layout(spec.bounds.files, given, packages))

    def become_student(self) -> None:
        """Nothing: the ids are those of the namespace."""

    def relocate(self, word: str) -> str:
        return word

    def note(self, event: Event) -> None:
        """Nothing outlives the namespace."""

    def foresee(self, observer: Observer, call: Call) -> None:
        """Nothing outlives the namespace."""

    def adopt(self, kind: str, id: int) -> None:
        """Nothing: the ids are the same, and so is the namespace."""

    def objects(self) -> list[Found]:
        return leftovers.system_v()

    def clear(self) -> None:
        """Nothing: it all ends with PID 1."""


class SharedSystem:
    """Tier `landlock`: the machine's own system, IPC and network, with rules."""

    def __init__(self, spec: RunSpec) -> None:
        if landlock.version() == 0:
            raise SandboxError("Landlock: this kernel has none")
        self.name: Isolation = "landlock"
        self.guarded = True
        if spec.observed:  # the lock is ours: what looks abandoned is
            sweep()
        self.owner = folder.run_id() if _others_may_run(spec) else None
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


def tier_of(name: Isolation, spec: RunSpec) -> Tier:
    """The tier of one run; made in its supervisor. SandboxError."""
    return PrivateRoot() if name == "namespaces" else SharedSystem(spec)


def tier_lock(name: Isolation, spec: RunSpec) -> AbstractContextManager[None]:
    """What the caller holds while the run lasts: where runs share keys, ports and names, there is
    one at a time. Builds share none."""
    shared = name == "landlock" and spec.observed
    return folder.one_at_a_time() if shared else nullcontext()


def package_file(name: str) -> str:
    """Where a Python package of our own environment lies: its file, or its folder."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise SandboxError(f"find the Python package {name}", errno.ENOENT)
    folders = found.submodule_search_locations
    return folders[0] if folders else found.origin


def sweep() -> None:
    """Remove what a killed grader left: folders, and the objects that their journals name.

    To be called under the machine-wide lock, so whatever has an id of a run is nobody's.
    """
    for path in folder.stale():
        leftovers.remove(journal.read(path / "objects").of(leftovers.table()))
        folder.remove_stale(path)
    if os.geteuid() == 0:
        leftovers.remove(each for each in leftovers.table() if folder.is_run_id(each.owner))


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
