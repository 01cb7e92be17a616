"""Owns the private folder of a run that has no private root: made for it, removed with it, and
swept at the next start where a killed grader left one."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.errors import SandboxError

_PREFIX = "grade-run-"
_SHARED = "/dev/shm"
_UNBORN = "grade-new-"
"""A folder has its name only once it is locked: an unlocked one is nobody's."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the machine-wide lock: keys, ports and names in /dev/shm are shared by all runs here.

    The lock is on that very folder: it leaves no file, and it goes with its holder.
    """
    shared = _SHARED if os.path.isdir(_SHARED) else tempfile.gettempdir()
    place = os.open(shared, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


class RunFolder:
    """home, tmp and Python of one run. The open descriptor's lock says that the run lives."""

    def __init__(self, unborn: Path, owner: int | None) -> None:
        self.owner = owner
        self._lock = os.open(unborn, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = unborn.rename(unborn.with_name(unborn.name.replace(_UNBORN, _PREFIX)))

    @property
    def home(self) -> str:
        return str(self.path / "home")

    @property
    def temporary(self) -> str:
        return str(self.path / "tmp")

    @property
    def python(self) -> str:
        return str(self.path / "python")

    @property
    def journal(self) -> Path:
        """Where the objects of the run are noted, for a sweep after our own end."""
        return self.path / "objects"

    def close(self) -> None:
        """Remove it all; locked until then, or others would take it for a dead run's."""
        remove(self.path)
        os.close(self._lock)


def make(owner: int | None) -> RunFolder:
    """A new folder, its home and tmp owned by the run's id; SandboxError."""
    try:
        folder = RunFolder(Path(tempfile.mkdtemp(prefix=_UNBORN)), owner)
        folder.path.chmod(0o711)
        for name in (folder.home, folder.temporary, folder.python):
            os.mkdir(name, 0o755)
            if owner is not None and name != folder.python:
                os.chown(name, owner, owner)
    except OSError as error:
        raise SandboxError("make the folder of the run", error.errno or 0) from error
    return folder


def stale() -> Iterator[Path]:
    """Folders of runs whose supervisor is gone: nobody holds their lock."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if path.lstat().st_uid != os.geteuid() or not stat.S_ISDIR(path.lstat().st_mode):
                continue
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            finally:
                os.close(descriptor)
            yield path


def remove(path: Path) -> None:
    """Remove a folder whose owner is hostile: folders in it may be deeper than any path is long,
    and closed. Each folder's own folders are moved up before it is removed, so nothing lies deeper
    than two levels when it is touched. Links are not followed."""
    while folders := _emptied(path):
        for name in folders:
            inner = path / name
            for deeper in _emptied(inner):
                with suppress(OSError):
                    (inner / deeper).chmod(0o700)
                    # over an empty one: a name of its own also where a killed sweep was before
                    (inner / deeper).rename(tempfile.mkdtemp(dir=path))
            inner.rmdir()
    path.rmdir()


def _emptied(folder: Path) -> list[str]:
    """The folders in it, once all else in it is removed."""
    folders = []
    folder.chmod(0o700)
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.path)
    return folders
