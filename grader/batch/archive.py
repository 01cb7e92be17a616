"""Owns reading a student's archive into memory: names are checked, everything is bounded.

Nothing is ever written to disk, so links, devices and odd modes lead nowhere: only the regular
files count, of their mode only whether they are executable. An archive that tries to leave its
folder, that says one name twice or that unpacks to more than a submission may hold is refused as a
whole. Tar is read here rather than by `tarfile`: no header can make this reader slow or large.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

import msgspec

from grader.errors import UsageError
from grader.run.spec import Tree
from grader.run.submission import MAX_BYTES, MAX_DEPTH, MAX_ENTRIES

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz")

_BLOCK = 512
_MAX_TAR = MAX_BYTES + (MAX_ENTRIES + 1) * 4 * _BLOCK
"""An unpacked tar: the files, and up to four blocks of header and padding for each."""
_MAX_EXTENDED = 64 << 10
"""Bytes of one extended header: a long name, attributes of other systems."""
_XZ_MEMORY = 128 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,  # zipfile: of a version to come
    struct.error,  # zipfile: an extra field that is cut off
    ValueError,  # zipfile: a place before the file's begin, a name that is not the UTF-8 it says
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,  # gzip.BadGzipFile
)
_NAME_MAX = 255
_PATH_MAX = 1024


class _Member(msgspec.Struct, frozen=True):
    """A regular file (content) or a folder (content is None) of an archive."""

    name: str
    content: bytes | None
    executable: bool = False


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive."""
    return name.lower().endswith(SUFFIXES)


def stem(name: str) -> str:
    """The name without the suffix of an archive."""
    longest = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default="")
    return name.removesuffix(name[len(name) - len(longest) :]) if longest else name


def read_archive(data: bytes, where: str) -> Tree:
    """The regular files of the archive, in order of their names; its kind shows in its content.

    where: for messages. UsageError: damaged, encrypted, too large, or made to do harm.
    """
    if len(data) > MAX_BYTES:
        raise _refused(where, f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        if data[:2] == b"PK":
            return _collect(_zip_members(data, where), where)
        if data[:2] == b"\x1f\x8b":
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_MAX_TAR + 1)
        elif data[:6] == b"\xfd7zXZ\0":
            data = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY).decompress(
                data, _MAX_TAR + 1
            )
        if len(data) > _MAX_TAR:
            raise _refused(where, f"it unpacks to more than {MAX_BYTES >> 20} MiB")
        return _collect(_tar_members(data, where), where)
    except _DAMAGED as error:
        raise _refused(where, f"it is damaged ({error})") from error


def _collect(members: Iterator[_Member], where: str) -> Tree:
    """The files, if all names are fit and the whole is within the bounds."""
    files: dict[str, tuple[bytes, bool]] = {}
    folders: set[str] = set()
    total = 0
    for number, member in enumerate(members, start=1):
        if number > MAX_ENTRIES:
            raise _refused(where, f"it holds more than {MAX_ENTRIES} files and folders")
        parts = _parts(member.name, where)
        if any(part.startswith(".") or part in ("__pycache__", "__MACOSX") for part in parts):
            continue
        name = "/".join(parts)
        inside = len(parts) if member.content is None else len(parts) - 1
        folders.update("/".join(parts[: depth + 1]) for depth in range(inside))
        if member.content is None:
            continue
        if name in files:
            raise _refused(where, f"it holds {name!r} twice")
        total += len(member.content)
        if total > MAX_BYTES:
            raise _refused(where, f"it unpacks to more than {MAX_BYTES >> 20} MiB")
        files[name] = (member.content, member.executable)
    if both := sorted(folders & files.keys()):
        raise _refused(where, f"{both[0]!r} is both a file and a folder")
    return Tree(dict(sorted(files.items())))


def _parts(name: str, where: str) -> list[str]:
    if name.startswith("/") or name[1:2] == ":":
        raise _refused(where, f"it holds an absolute name, {name!r:.80}")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _refused(where, f"it holds a name that leaves its folder, {name!r:.80}")
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    if sum(map(len, encoded)) > _PATH_MAX or any(len(part) > _NAME_MAX for part in encoded):
        raise _refused(where, f"it holds an over-long name, {name[:40]!r}…")
    if len(parts) > MAX_DEPTH + 1:
        raise _refused(where, f"folders lie more than {MAX_DEPTH} deep")
    return parts


# -- zip -------------------------------------------------------------------------------------


def _zip_members(data: bytes, where: str) -> Iterator[_Member]:
    # Each entry of the central directory begins so: an upper bound before any is made an object.
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise _refused(where, f"it holds more than {MAX_ENTRIES} files and folders")
    left = MAX_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            name = info.filename.replace("\\", "/")  # as some Windows programs write it
            if info.flag_bits & 0x1:
                raise _refused(where, "it is encrypted")
            if name.endswith("/") or mode & 0o170000 == 0o040000:
                yield _Member(name, None)
            elif mode & 0o170000 in (0, 0o100000):
                content = _zip_content(archive, info, left, where)
                left -= len(content)
                yield _Member(name, content, bool(mode & 0o111))


def _zip_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, where: str) -> bytes:
    """At most one byte more than is left is unpacked, whatever the headers promise."""
    # Deflate is the one method whose unpacking Python bounds by output.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(where, "its compression is not the usual one (deflate)")
    with archive.open(info) as file:
        content = file.read(left + 1)
    if len(content) > left:
        raise _refused(where, f"it unpacks to more than {MAX_BYTES >> 20} MiB")
    return content


# -- tar: POSIX.1-1988 ustar, POSIX.1-2001 pax names and sizes, GNU long names ------------------


def _tar_members(data: bytes, where: str) -> Iterator[_Member]:
    if len(data) < _BLOCK:
        raise _refused(where, "it is neither a zip nor a tar archive")
    position = 0
    long: dict[str, str] = {}
    while header := data[position : position + _BLOCK].rstrip(b"\0"):
        header = header.ljust(_BLOCK, b"\0")
        _check_sum(header, where)
        kind = header[156:157]
        size = _number(long.get("size", header[124:136]), where)
        body = data[position + _BLOCK : position + _BLOCK + size]
        if len(body) < size:
            raise _refused(where, "it is damaged (it ends too early)")
        position += _BLOCK + -(-size // _BLOCK) * _BLOCK
        if kind in b"xgLK":
            if size > _MAX_EXTENDED:
                raise _refused(where, "it is damaged (a header is too long)")
            long |= _extended(kind, body, where)
            continue
        if kind == b"S" or any(key.startswith("GNU.sparse") for key in long):
            raise _refused(where, "it holds a sparse file")
        name = long.get("path") or _header_name(header)
        long = {}
        if kind == b"5" or (kind in b"0\0" and name.endswith("/")):
            yield _Member(name, None)
        elif kind in b"0\x007":
            yield _Member(name, body, bool(_number(header[100:108], where) & 0o111))


def _check_sum(header: bytes, where: str) -> None:
    expected = sum(header[:148]) + 8 * ord(" ") + sum(header[156:])
    if header[148:156].strip(b" \0").lstrip(b"0") != b"%o" % expected:
        raise _refused(where, "it is neither a zip nor a tar archive, or it is damaged")


def _number(field: bytes | str, where: str) -> int:
    """An octal number; a string is a decimal one; GNU writes large ones in base 256."""
    try:
        if isinstance(field, str):
            number = int(field[:20])
        elif field[:1] == b"\x80":
            number = int.from_bytes(field[1:], "big")
        else:
            number = int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError as error:
        raise _refused(where, "it is damaged (a number is none)") from error
    if number < 0:
        raise _refused(where, "it is damaged (a size is negative)")
    return number


def _header_name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _extended(kind: bytes, body: bytes, where: str) -> dict[str, str]:
    """What an extended header says of the next member; of all members says nothing we need."""
    if kind == b"L":
        return {"path": _text(body)}
    found: dict[str, str] = {}
    at = 0
    while kind == b"x" and at < len(body):
        length = _number(body[at : at + 20].partition(b" ")[0].decode("ascii", "replace"), where)
        key, equals, value = body[at : at + length].partition(b" ")[2].partition(b"=")
        if not equals:
            raise _refused(where, "it is damaged (an extended header is malformed)")
        found[_text(key)] = _text(value.removesuffix(b"\n"))
        at += length
    return found


def _refused(where: str, reason: str) -> UsageError:
    return UsageError(
        f"the archive is not read: {reason}",
        where=where,
        fix="pack only the program and what it needs, as .zip or .tar.gz",
    )
