"""Owns files as processes open and measure them, events file.* and fifo.open: open(2), lseek(2),
truncate(2), fsync(2). What goes through a descriptor is told in `decode.io`."""

from __future__ import annotations

import platform
import stat as modes

import msgspec

from grader.kernel import abi_files, paths
from grader.kernel.decode import mapping
from grader.kernel.decode.io import FAMILY
from grader.kernel.flags import flag_names
from grader.kernel.objects import Object, plain
from grader.kernel.observer import Observer
from grader.kernel.paths import Named
from grader.kernel.rows import Blocked, Row
from grader.kernel.tracee import Call
from grader.trace.model import Attribute, Holder

_SYSTEM = ("/usr/", "/lib", "/etc/", "/sys/", "/opt/", "/bin/", "/sbin/", "/var/")
_DESCRIPTORS = ("/dev/fd/", "/dev/std", "/proc/self/fd/", "/proc/thread-self/fd/")
"""Paths by which a process opens what it already has open."""
OPENING = "to open it"
"""What somebody else has to do where an open waits."""
_O_LARGEFILE = abi_files.O_LARGEFILE.get(platform.machine(), 0)


class Opening(msgspec.Struct, frozen=True):
    """How a file is being opened: flags and mode as the call has them."""

    name: Named
    flags: int
    mode: int

    @property
    def access(self) -> int:
        return self.flags & abi_files.O_ACCMODE


def flag_words(flags: int) -> list[int | str]:
    """The flags of open(2): access mode first; what has no name survives as hex."""
    rest = flags & ~abi_files.O_ACCMODE & ~_O_LARGEFILE
    access = abi_files.ACCESS[flags & abi_files.O_ACCMODE]
    return [access, *flag_names(rest, abi_files.OPEN_FLAGS)]


def octal(mode: int) -> str:
    """Permissions as chmod(1) takes them: "0644"."""
    return f"{mode & 0o7777:04o}"


# -- open ---------------------------------------------------------------------------------------


def _flags_and_mode(observer: Observer, call: Call) -> tuple[int, int]:
    if call.name == "creat":
        flags = abi_files.O_CREAT | abi_files.O_WRONLY | abi_files.O_TRUNC
        return flags, call.unsigned(1)
    if call.name == "openat2":
        raw = observer.read(call.task, call.args[2], abi_files.OPEN_HOW.size) or b""
        if len(raw) < abi_files.OPEN_HOW.size:
            return 0, 0
        flags, mode, _resolve = abi_files.OPEN_HOW.unpack(raw)
        return flags, mode
    first = 2 if call.name == "openat" else 1
    return call.unsigned(first), call.unsigned(first + 1)


def enter_open(observer: Observer, call: Call) -> bool:
    """Of interest in the student's folders and where it leads to something we know. While an
    interpreter starts, only the opening of the student's program matters."""
    process = call.task.proc
    index, folder = (1, 0) if call.name.startswith("openat") else (0, None)
    given = paths.text_at(observer, call, index)
    if process.runtime:
        if observer.objects.absolute(given.encode("utf-8", "surrogateescape")) == process.main_path:
            process.runtime = False
        return False
    flags, mode = _flags_and_mode(observer, call)
    if not given or given.startswith((mapping.MEMORY.decode(), *_DESCRIPTORS)):
        call.note = Opening(Named(plain(given), given, None, None), flags, mode)
        return True
    if given.startswith(_SYSTEM):
        return False
    place = paths.absolute(call, given, folder)
    known = paths.status(call, place, follow=True)
    found = observer.objects.of_status(known, place) if known is not None and place else None
    name = Named(plain(given), place, known, found)
    call.note = Opening(name, flags, mode)
    return paths.of_interest(observer, name)


def leave_open(observer: Observer, call: Call) -> None:
    opening: Opening = call.note
    name, process = opening.name, call.task.proc
    descriptor = None
    if call.ok and call.result is not None:
        descriptor = observer.note_descriptor(process, call.result)
        if descriptor is None:
            return  # a folder, a device
    found = descriptor.object if descriptor is not None else name.object
    memory = mapping.MEMORY
    if name.absolute is not None and name.absolute.startswith(memory.decode()):
        mapping.opened(observer, call, found, name.given.encode())
        return
    args: dict[str, Attribute] = {"path": name.given, "flags": flag_words(opening.flags)}
    if opening.flags & abi_files.O_CREAT:
        args["mode"] = octal(opening.mode)
    if found is not None and found.kind == "file" and call.ok:
        args |= _effect(call, opening, found)
    if found is not None and found.kind in ("pipe", "fifo") and descriptor is not None:
        args["end"] = descriptor.end or "both"
    family = FAMILY.get(found.kind, "file") if found is not None else "file"
    fd = call.result if call.ok else None
    observer.emit(call, f"{family}.open", object=found, fd=fd, args=args)


def _effect(call: Call, opening: Opening, found: Object) -> dict[str, Attribute]:
    """Whether the open made the file, or cut it. Of two that raced to create, both did."""
    before = opening.name.status
    args: dict[str, Attribute] = {}
    if opening.flags & abi_files.O_CREAT:
        args["created"] = before is None
        if before is None and found.created_by is None:
            found.created_by = call.task.proc.id
    if opening.flags & abi_files.O_TRUNC:
        args["truncated"] = before is not None and before.st_size > 0
    return args


def blocked_open(observer: Observer, call: Call) -> Blocked | None:
    """Only the opening of a FIFO sleeps until another process opens its other end (fifo(7))."""
    opening: Opening = call.note
    known = paths.status(call, opening.name.absolute, follow=True)
    if known is None or not modes.S_ISFIFO(known.st_mode) or opening.name.absolute is None:
        return None
    found = observer.objects.of_status(known, opening.name.absolute)
    other = "a writer" if opening.access == abi_files.O_RDONLY else "a reader"
    process = call.task.proc
    holders = tuple(
        Holder(process=p.id)
        for p in observer.live()
        if p is not process or len(process.tasks) > 1  # another thread may open it
    )
    return Blocked(f"{other} {OPENING}", holders, found.id if found is not None else None)


# -- what is done to a file as a whole ----------------------------------------------------------


def enter_file(observer: Observer, call: Call) -> bool:
    call.descriptor = observer.descriptor(call.task.proc, call.signed(0))
    return call.descriptor is not None and call.descriptor.object.kind == "file"


def _object(call: Call) -> Object | None:
    return call.descriptor.object if call.descriptor is not None else None


def enter_seek(observer: Observer, call: Call) -> bool:
    """Asking for the position (ftell) moves nothing."""
    if call.args[1] == 0 and call.unsigned(2) == 1:
        return False
    return enter_file(observer, call)


def leave_seek(observer: Observer, call: Call) -> None:
    """lseek(2): the result is the new position."""
    whence = call.unsigned(2)
    offset = call.args[1] - (1 << 64) if call.args[1] >> 63 else call.args[1]
    args: dict[str, Attribute] = {
        "offset": offset,
        "whence": abi_files.WHENCE.get(whence, hex(whence)),
    }
    observer.emit(call, "file.seek", object=_object(call), fd=call.signed(0), args=args)


def leave_resize(observer: Observer, call: Call) -> None:
    args: dict[str, Attribute] = {"size": call.args[1]}
    observer.emit(call, "file.truncate", object=_object(call), fd=call.signed(0), args=args)


def enter_truncate(observer: Observer, call: Call) -> bool:
    call.note = paths.named(observer, call, 0, None, follow=True)
    return paths.of_interest(observer, call.note)


def leave_truncate(observer: Observer, call: Call) -> None:
    name: Named = call.note
    args: dict[str, Attribute] = {"path": name.given, "size": call.args[1]}
    observer.emit(call, "file.truncate", object=name.object, args=args)


def leave_sync(observer: Observer, call: Call) -> None:
    observer.emit(call, "file.sync", object=_object(call), fd=call.signed(0))


_OPEN = Row(enter=enter_open, leave=leave_open, blocked=blocked_open)
_SYNC = Row(enter=enter_file, leave=leave_sync)

ROWS: dict[str, Row] = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), _OPEN),
    "lseek": Row(enter=enter_seek, leave=leave_seek),
    "truncate": Row(enter=enter_truncate, leave=leave_truncate),
    "ftruncate": Row(enter=enter_file, leave=leave_resize),
    "fsync": _SYNC,
    "fdatasync": _SYNC,
}
