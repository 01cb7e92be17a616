"""Owns where a submission is, which language it is in, and how its files are read.

A submission is input that nobody vouches for. Only regular files are opened; symbolic links are
never followed, FIFOs and devices never opened, hidden entries and `__pycache__` left out; how much
is read is bounded.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from grader.course.model import Language, LoadedAssignment, LoadedCourse
from grader.course.sources import sources, written_in
from grader.errors import UsageError
from grader.run.spec import Tree

MAX_BYTES = 64 << 20
MAX_ENTRIES = 2000
MAX_DEPTH = 16
MAX_PATH = 2048
"""Bytes of a file's name with its folders': in the sandbox more comes before it."""

# O_NONBLOCK: should the entry become a FIFO between listing and opening, the open still returns.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20


class Submission(msgspec.Struct, frozen=True):
    """What a student hands in. language: its id in `course.yaml`; place: where it was found."""

    language: str
    place: Path
    tree: Tree


def find_submission(
    course: LoadedCourse,
    assignment: LoadedAssignment,
    given: Path | None,
    *,
    language: str | None = None,
    cwd: Path,
) -> Submission:
    """The submission at `given` (a folder or a file), or else the one that `cwd` suggests.

    Without `given` it is the folder named like the assignment in `cwd`, or else `cwd` itself if a
    program of the assignment lies there. UsageError: nothing there, no or several languages, a
    program missing, too large, unreadable.
    """
    languages = _candidates(course, language)
    place = cwd
    try:
        place = _place(assignment, languages, given, cwd)
        if stat.S_ISDIR(place.stat().st_mode):
            return _from_folder(place, assignment, languages)
        return _from_file(place, assignment, languages)
    except OSError as error:
        raise UsageError(
            f"the submission cannot be read: {error.strerror}",
            where=str(error.filename or place),
            fix="check that the file is there and that you may read it",
        ) from error


def existing(given: Path, cwd: Path) -> Path:
    """The place that was given. UsageError: nothing is there."""
    place = cwd / given
    if not place.exists():
        raise UsageError(
            "there is no such file or folder",
            where=str(given),
            fix="give the folder that holds your program, or the program itself",
        )
    return place


def _candidates(course: LoadedCourse, wanted: str | None) -> dict[str, Language]:
    known = course.data.languages
    if wanted is None:
        return known
    if wanted not in known:
        raise UsageError(
            f"this course has no language {wanted!r}",
            where="--lang",
            fix=f"choose one of: {', '.join(known)}",
        )
    return {wanted: known[wanted]}


def _place(
    assignment: LoadedAssignment,
    languages: dict[str, Language],
    given: Path | None,
    cwd: Path,
) -> Path:
    if given is not None:
        return existing(given, cwd)
    folder = cwd / assignment.id
    if folder.is_dir():
        return folder
    if written_in(cwd, assignment.data.programs, languages):
        return cwd
    raise UsageError(
        f"there is no submission for {assignment.id!r} here",
        where=str(cwd),
        fix=f"to begin: grade start {assignment.id}; or put {_names(assignment, languages)} into "
        f"./{assignment.id}/, or say where it is: grade {assignment.id} FOLDER",
    )


def _from_folder(
    folder: Path, assignment: LoadedAssignment, languages: dict[str, Language]
) -> Submission:
    present = written_in(folder, assignment.data.programs, languages)
    if not present:
        raise UsageError(
            f"no program of {assignment.id!r} is in this folder",
            where=str(folder),
            fix=f"the program must be called {_names(assignment, languages)}",
        )
    if len(present) > 1:
        raise UsageError(
            f"this folder holds programs in several languages: {', '.join(present)}",
            where=str(folder),
            fix=f"say which one to grade: {' or '.join(f'--lang {id}' for id in present)}",
        )
    [(id, language)] = present.items()
    for name in sources(assignment.data.programs, [language]):
        _require_regular(folder / name)
    return Submission(language=id, place=folder, tree=read_tree(folder))


def _from_file(
    file: Path, assignment: LoadedAssignment, languages: dict[str, Language]
) -> Submission:
    """A single file is the assignment's one program, whatever its stem is."""
    programs = assignment.data.programs
    if len(programs) > 1:
        raise UsageError(
            f"{assignment.id!r} needs several programs ({', '.join(programs)}), this is one file",
            where=str(file),
            fix="give the folder that holds them all",
        )
    id = next((id for id, lang in languages.items() if file.name.endswith(lang.suffix)), None)
    if id is None:
        raise UsageError(
            "this file is in no language that can be graded here",
            where=str(file),
            fix=f"its name should end like {_names(assignment, languages)}",
        )
    _require_regular(file.resolve())
    reader = _Reader()
    reader.read(file.resolve(), f"{programs[0]}{languages[id].suffix}", folder=None)
    return Submission(language=id, place=file, tree=Tree(reader.files))


def _require_regular(path: Path) -> None:
    if not os.path.lexists(path):
        raise UsageError(
            f"{path.name} is missing",
            where=str(path.parent),
            fix=f"add {path.name}: the assignment cannot be graded without it",
        )
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise UsageError(
            f"{path.name} is {kind}, so it is not read",
            where=str(path),
            fix="put the program itself there",
        )


def read_tree(folder: Path) -> Tree:
    """All regular files below the folder, in order of their names.

    UsageError: more than MAX_BYTES, MAX_ENTRIES or MAX_DEPTH. OSError: unreadable.
    """
    reader = _Reader()
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        reader.walk(top, folder, "", depth=0)
    finally:
        os.close(top)
    return Tree(dict(sorted(reader.files.items())))


class _Reader:
    """Collects files and holds them to the bounds; folders are walked by descriptor, so that a
    folder that is exchanged for a link meanwhile leads nowhere."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, bool]] = {}
        self._bytes = 0
        self._entries = 0

    def walk(self, fd: int, folder: Path, prefix: str, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _too_large(folder, f"folders lie more than {MAX_DEPTH} deep")
        with os.scandir(fd) as entries:
            for entry in entries:
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    raise _too_large(folder, f"it holds more than {MAX_ENTRIES} files and folders")
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if len(os.fsencode(prefix + entry.name)) > MAX_PATH:
                    raise _too_large(folder, f"a name in it has more than {MAX_PATH} bytes")
                path = folder / entry.name
                if entry.is_dir(follow_symlinks=False):
                    inner = os.open(entry.name, _OPEN | os.O_DIRECTORY, dir_fd=fd)
                    try:
                        self.walk(inner, path, f"{prefix}{entry.name}/", depth=depth + 1)
                    finally:
                        os.close(inner)
                elif entry.is_file(follow_symlinks=False):
                    self.read(path, f"{prefix}{entry.name}", folder=fd)

    def read(self, path: Path, name: str, *, folder: int | None) -> None:
        """Keep the file's content under `name`; `folder`: descriptor that `path.name` is in."""
        fd = os.open(path if folder is None else path.name, _OPEN, dir_fd=folder)
        with os.fdopen(fd, "rb", buffering=0) as file:
            mode = os.fstat(fd).st_mode
            if not stat.S_ISREG(mode):
                return
            content = bytearray()
            while chunk := file.read(_CHUNK):
                content += chunk
                self._bytes += len(chunk)
                if self._bytes > MAX_BYTES:
                    raise _too_large(path, f"it holds more than {MAX_BYTES >> 20} MiB")
        self.files[name] = (bytes(content), bool(mode & 0o111))


def _too_large(where: Path, reason: str) -> UsageError:
    return UsageError(
        f"the submission is too large: {reason}",
        where=str(where),
        fix="leave only the program and what it needs in the folder",
    )


def _names(assignment: LoadedAssignment, languages: dict[str, Language]) -> str:
    """What a program may be called: "hello.py or hello.c"."""
    names = sources(assignment.data.programs, languages.values())
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
