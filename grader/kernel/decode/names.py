"""Owns the names of files and FIFOs as they come, change and go: rename(2), unlink(2), link(2),
symlink(2), mkdir(2), mknod(2); events file.* and fifo.*."""

from __future__ import annotations

import msgspec

from grader.kernel import abi_files, paths
from grader.kernel.decode.files import octal
from grader.kernel.decode.io import FAMILY
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object, plain
from grader.kernel.observer import Observer
from grader.kernel.paths import Named
from grader.kernel.rows import Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute


def _family(found: Object | None) -> str:
    return FAMILY.get(found.kind, "file") if found is not None else "file"


def _lost_name(name: Named, by: str) -> None:
    """A name of a file is gone; with its last one the file is."""
    if name.object is not None and name.status is not None and name.status.st_nlink <= 1:
        name.object.removed_by = by


def _retire(observer: Observer, name: Named) -> None:
    if name.object is not None and name.object.removed_by is not None:
        observer.objects.retire(name.object)


# -- unlink, rmdir ------------------------------------------------------------------------------


def enter_remove(observer: Observer, call: Call) -> bool:
    index, folder = (1, 0) if call.name == "unlinkat" else (0, None)
    call.note = paths.named(observer, call, index, folder)
    return paths.of_interest(observer, call.note)


def leave_remove(observer: Observer, call: Call) -> None:
    """unlink(2), rmdir(2): a file lives on while it has other names or is open."""
    name: Named = call.note
    args: dict[str, Attribute] = {"path": name.given}
    if call.name == "rmdir" or (
        call.name == "unlinkat" and call.unsigned(2) & abi_files.AT_REMOVEDIR
    ):
        args["folder"] = True
    if call.ok:
        _lost_name(name, call.task.proc.id)
        _retire(observer, name)
    observer.emit(call, f"{_family(name.object)}.remove", object=name.object, args=args)


# -- rename, link, symlink ----------------------------------------------------------------------


class _Pair(msgspec.Struct, frozen=True):
    """What both paths of a call named before it."""

    old: Named
    new: Named


_PAIRS: dict[str, tuple[int, int | None, int, int | None]] = {
    "rename": (0, None, 1, None),
    "renameat": (1, 0, 3, 2),
    "renameat2": (1, 0, 3, 2),
    "link": (0, None, 1, None),
    "linkat": (1, 0, 3, 2),
}
"""Arguments: the old path and the folder that it starts from, the new path and its folder."""


def enter_pair(observer: Observer, call: Call) -> bool:
    old, old_folder, new, new_folder = _PAIRS[call.name]
    call.note = _Pair(
        paths.named(observer, call, old, old_folder),
        paths.named(observer, call, new, new_folder),
    )
    return paths.of_interest(observer, call.note.old, call.note.new)


def leave_rename(observer: Observer, call: Call) -> None:
    """rename(2): the file keeps its identity, and its name in our events; what had the new name
    before is replaced."""
    pair: _Pair = call.note
    flags = call.unsigned(4) if call.name == "renameat2" else 0
    args: dict[str, Attribute] = {"path": pair.old.given, "to": pair.new.given}
    if flags:
        args["flags"] = flag_names(flags, abi_files.RENAME_FLAGS)
    replaced = pair.new.object
    if call.ok:
        _note_path(observer, pair.old.object, pair.new.absolute)
        if flags & abi_files.RENAME_EXCHANGE:
            _note_path(observer, replaced, pair.old.absolute)
        elif replaced is not None and replaced is not pair.old.object:
            args["replaced"] = replaced.id
            replaced.used = True
            _lost_name(pair.new, call.task.proc.id)
            _retire(observer, pair.new)
    found = pair.old.object
    observer.emit(call, f"{_family(found)}.rename", object=found, args=args)


def _note_path(observer: Observer, found: Object | None, path: str | None) -> None:
    if found is not None and path is not None:
        found.attributes["path"] = observer.objects.short(path)


def leave_link(observer: Observer, call: Call) -> None:
    """link(2): one more name for the same file."""
    pair: _Pair = call.note
    args: dict[str, Attribute] = {"path": pair.old.given, "to": pair.new.given}
    found = pair.old.object
    observer.emit(call, f"{_family(found)}.link", object=found, args=args)


def enter_symlink(observer: Observer, call: Call) -> bool:
    index, folder = (2, 1) if call.name == "symlinkat" else (1, None)
    call.note = paths.named(observer, call, index, folder)
    return paths.of_interest(observer, call.note)


def leave_symlink(observer: Observer, call: Call) -> None:
    name: Named = call.note
    target = plain(paths.text_at(observer, call, 0))
    observer.emit(call, "file.symlink", args={"path": name.given, "to": target})


# -- mkdir, mknod -------------------------------------------------------------------------------


def enter_make(observer: Observer, call: Call) -> bool:
    """Folders, FIFOs and plain files; devices and sockets are not made here."""
    index, folder = (1, 0) if call.name.endswith("at") else (0, None)
    if call.name.startswith("mknod"):
        format = call.unsigned(index + 1) & abi_files.S_IFMT
        if format not in (0, abi_files.S_IFREG, abi_files.S_IFIFO):
            return False
    call.note = paths.named(observer, call, index, folder)
    fifo = call.name.startswith("mknod") and format == abi_files.S_IFIFO
    return fifo or paths.of_interest(observer, call.note)


def leave_make(observer: Observer, call: Call) -> None:
    name: Named = call.note
    mode = call.unsigned(2 if call.name.endswith("at") else 1)
    args: dict[str, Attribute] = {"path": name.given, "mode": octal(mode & ~abi_files.S_IFMT)}
    found = name.object
    if call.ok:
        found = paths.again(observer, call, name).object
        if found is not None:
            found.created_by = call.task.proc.id
            found.attributes["mode"] = args["mode"]
    event = "file.mkdir" if call.name.startswith("mkdir") else "file.create"
    if call.name.startswith("mknod") and mode & abi_files.S_IFMT == abi_files.S_IFIFO:
        event = "fifo.create"
    observer.emit(call, event, object=found, args=args)


_REMOVE = Row(enter=enter_remove, leave=leave_remove)
_RENAME = Row(enter=enter_pair, leave=leave_rename)
_LINK = Row(enter=enter_pair, leave=leave_link)
_SYMLINK = Row(enter=enter_symlink, leave=leave_symlink)
_MAKE = Row(enter=enter_make, leave=leave_make)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), _REMOVE),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _RENAME),
    **dict.fromkeys(("link", "linkat"), _LINK),
    **dict.fromkeys(("symlink", "symlinkat"), _SYMLINK),
    **dict.fromkeys(("mkdir", "mkdirat", "mknod", "mknodat"), _MAKE),
}
