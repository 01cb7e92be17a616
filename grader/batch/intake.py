"""Owns the way from what a student handed in to one submission for each assignment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from grader.batch.archive import is_archive, read_archive
from grader.batch.naming import Handed
from grader.course.model import Language, LoadedAssignment, LoadedCourse
from grader.errors import InfrastructureError, UsageError
from grader.run.spec import Tree
from grader.run.submission import MAX_BYTES, Submission, read_tree


class Refused(msgspec.Struct, frozen=True):
    """There is no program to grade, by the student's doing: no points, and why."""

    reason: str


def read_handed(handed: Handed, suffixes: Iterable[str]) -> Tree | Refused:
    """All files of one student; an archive in place of programs is opened, once.

    suffixes: of programs. InfrastructureError: we may not read it, which is no student's fault.
    """
    files: dict[str, tuple[bytes, bool]] = {}
    try:
        for path, name in handed.files:
            files |= _read(path, name).files
        endings = tuple(suffixes)
        if not any(name.endswith(endings) for name in files):
            files = _opened(files)
    except UsageError as error:
        return Refused(f"{error.message} ({error.fix})" if error.fix else error.message)
    except OSError as error:
        raise InfrastructureError(
            f"the submission cannot be read: {error.strerror}",
            where=str(error.filename or handed.files[0][0]),
            fix="check that you may read it",
        ) from error
    if sum(len(content) for content, _ in files.values()) > MAX_BYTES:
        return Refused(f"the submission is too large: it holds more than {MAX_BYTES >> 20} MiB")
    return Tree(dict(sorted(files.items())))


def _read(path: Path, name: str) -> Tree:
    if path.is_dir():
        return read_tree(path)
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if is_archive(name):
        return read_archive(data, name)
    if len(data) > MAX_BYTES:
        raise UsageError(f"the submission is too large: {name} is more than {MAX_BYTES >> 20} MiB")
    return Tree({name or path.name: (data, False)})


def _opened(files: dict[str, tuple[bytes, bool]]) -> dict[str, tuple[bytes, bool]]:
    """With the one archive among them replaced by its content; archives in it stay closed."""
    archives = [name for name in files if is_archive(name)]
    if len(archives) != 1:
        return files
    [archive] = archives
    rest = {name: content for name, content in files.items() if name != archive}
    return rest | read_archive(files[archive][0], archive).files


def submission_for(
    course: LoadedCourse,
    assignment: LoadedAssignment,
    tree: Tree,
    *,
    language: str | None = None,
    place: Path,
) -> Submission | Refused | None:
    """What of the student's files is meant for this assignment; None if nothing is.

    That is a folder named like the assignment, or else the uppermost folder with one of its
    programs, or else the one program there is, whatever it is called.
    """
    languages = course.data.languages
    if language is not None:
        languages = {language: languages[language]}
    programs = assignment.data.programs
    root = _root(assignment, tree, languages)
    if isinstance(root, Refused):
        return root
    if root is None:
        return _misnamed(programs, tree, languages, place)
    inside = {
        name.removeprefix(root): content
        for name, content in tree.files.items()
        if name.startswith(root)
    }
    present = [id for id, one in languages.items() if _sources(programs, one) & inside.keys()]
    if not present:
        return _misnamed(programs, Tree(inside), languages, place) or Refused(
            f"no program of {assignment.id!r} is there: it must be called "
            f"{_either(programs, languages.values())}"
        )
    if len(present) > 1:
        return Refused(f"there are programs in several languages: {', '.join(present)}")
    [id] = present
    if missing := sorted(_sources(programs, languages[id]) - inside.keys()):
        return Refused(f"{missing[0]} is missing")
    return Submission(language=id, place=place, tree=Tree(inside))


def _root(
    assignment: LoadedAssignment, tree: Tree, languages: dict[str, Language]
) -> str | Refused | None:
    """The folder that counts, "" or with a slash at its end."""
    folders = {name.rpartition("/")[0] for name in tree.files}
    parents = {
        "/".join(parts[: depth + 1])
        for folder in folders
        if (parts := folder.split("/"))
        for depth in range(len(parts))
    }
    named = [path for path in parents if path.rpartition("/")[2] == assignment.id]
    wanted = {
        name for one in languages.values() for name in _sources(assignment.data.programs, one)
    }
    holding = {
        folder
        for name in tree.files
        for folder, _, last in (name.rpartition("/"),)
        if last in wanted
    }
    inside_named = [path for path in holding if path in named]
    candidates = inside_named or named or [*holding]
    if not candidates:
        return None
    depth = min(_depth(path) for path in candidates)
    uppermost = sorted(path for path in candidates if _depth(path) == depth)
    if len(uppermost) > 1:
        return Refused(
            f"several folders could be meant: {uppermost[0]} and {uppermost[1]}; hand in one"
        )
    return f"{uppermost[0]}/" if uppermost[0] else ""


def _misnamed(
    programs: list[str], tree: Tree, languages: dict[str, Language], place: Path
) -> Submission | None:
    """The one program there is, under the name it should have; as `grade ID FILE` takes it."""
    sources = [
        (name, id)
        for name in tree.files
        for id, one in languages.items()
        if name.endswith(one.suffix)
    ]
    if len(programs) != 1 or len(sources) != 1:
        return None
    [(name, id)] = sources
    source = f"{programs[0]}{languages[id].suffix}"
    files = tree.files | {source: tree.files[name]}
    return Submission(language=id, place=place, tree=Tree(files))


def content_hash(tree: Tree) -> str:
    """The same for the same files, however they were packed."""
    digest = hashlib.sha256()
    for name, (content, executable) in sorted(tree.files.items()):
        for part in (name.encode("utf-8", "surrogatepass"), content, b"x" if executable else b"-"):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _depth(path: str) -> int:
    return path.count("/") + bool(path)


def _sources(programs: Iterable[str], language: Language) -> set[str]:
    return {f"{stem}{language.suffix}" for stem in programs}


def _either(programs: list[str], languages: Iterable[Language]) -> str:
    names = [f"{stem}{one.suffix}" for one in languages for stem in programs]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
