"""Owns where a run's programs live: what each isolation tier is asked, and the stronger one.

Called from three processes: the supervisor (`enter`, `settle`, `objects`, `clear`), PID 1 or what
stands for it (`build`), the process that becomes a program (`become_student`).
"""

from __future__ import annotations

import errno
import importlib.util
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from grader.errors import SandboxError
from grader.kernel import leftovers, namespaces, root
from grader.kernel.leftovers import Found
from grader.kernel.observer import Observer
from grader.kernel.tracee import Call
from grader.run.spec import Isolation, RunSpec
from grader.trace.model import Event

_PAGE = 4096


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


def tier_of(name: Isolation, spec: RunSpec) -> Tier:
    """The tier of one run; made in its supervisor. SandboxError."""
    if name == "namespaces":
        return PrivateRoot()
    from grader.run.shared import SharedSystem

    return SharedSystem(spec)


def tier_lock(name: Isolation, spec: RunSpec) -> AbstractContextManager[None]:
    """What the caller holds while the run lasts: where runs share keys, ports and names, there is
    one at a time. Builds share none."""
    if name == "namespaces" or not spec.observed:
        return nullcontext()
    from grader.kernel.folder import one_at_a_time

    return one_at_a_time()


def package_file(name: str) -> str:
    """Where a Python package of our own environment lies: its file, or its folder."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise SandboxError(f"find the Python package {name}", errno.ENOENT)
    folders = found.submodule_search_locations
    return folders[0] if folders else found.origin
