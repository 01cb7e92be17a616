"""What becomes of hostile, broken and ordinary archives: files in memory, or a refusal."""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.archive import is_archive, read_archive, stem
from grader.errors import UsageError
from grader.run.submission import MAX_BYTES, MAX_ENTRIES

HELLO = b"print('hello')\n"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(
    *members: tuple[str | tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT
) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            if info.isreg():
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def names(data: bytes) -> list[str]:
    return [*read_archive(data, "ana.zip").files]


def refusal(data: bytes) -> str:
    with pytest.raises(UsageError) as refused:
        read_archive(data, "ana.zip")
    assert refused.value.where == "ana.zip"
    return refused.value.message


PACK: list[Callable[..., bytes]] = [
    zipped,
    tarred,
    lambda *members: gzip.compress(tarred(*members)),
    lambda *members: lzma.compress(tarred(*members)),
    lambda *members: tarred(*members, format=tarfile.GNU_FORMAT),
    lambda *members: tarred(*members, format=tarfile.USTAR_FORMAT),
]
KINDS = ["zip", "tar", "tar.gz", "tar.xz", "gnu", "ustar"]
every_kind = pytest.mark.parametrize("pack", PACK, ids=KINDS)


@every_kind
def test_files_are_read_in_order_of_their_names(pack: Callable[..., bytes]) -> None:
    tree = read_archive(pack(("pipe/hello.py", HELLO), ("./notes.txt", b"")), "ana.zip")
    assert tree.files == {"notes.txt": (b"", False), "pipe/hello.py": (HELLO, False)}


@every_kind
def test_hidden_and_generated_entries_are_left_out(pack: Callable[..., bytes]) -> None:
    junk = [".git/config", "__MACOSX/._hello.py", "a/__pycache__/x.pyc", ".DS_Store"]
    assert names(pack(("hello.py", HELLO), *((name, b"x") for name in junk))) == ["hello.py"]


@every_kind
@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../x", "C:/x"])
def test_a_name_that_leaves_the_folder_refuses_the_archive(
    pack: Callable[..., bytes], name: str
) -> None:
    assert "name" in refusal(pack(("hello.py", HELLO), (name, b"x")))


@every_kind
def test_a_name_said_twice_refuses_the_archive(pack: Callable[..., bytes]) -> None:
    with pytest.warns(UserWarning) if pack is zipped else contextlib.nullcontext():
        packed = pack(("hello.py", b"good"), ("./hello.py", b"evil"), ("hello.py", b"evil"))
    assert "'hello.py' twice" in refusal(packed)


@every_kind
def test_a_name_that_is_file_and_folder_refuses_the_archive(pack: Callable[..., bytes]) -> None:
    assert "both a file and a folder" in refusal(pack(("a", b"x"), ("a/b", b"y")))


@every_kind
def test_names_that_differ_in_case_are_different_files(pack: Callable[..., bytes]) -> None:
    assert names(pack(("hello.py", HELLO), ("Hello.py", b""))) == ["Hello.py", "hello.py"]


@pytest.mark.parametrize("pack", PACK[:5], ids=KINDS[:5])
def test_over_long_names_are_refused_and_long_ones_are_not(pack: Callable[..., bytes]) -> None:
    assert names(pack(("d" * 200 + "/" + "f" * 200, b""))) == ["d" * 200 + "/" + "f" * 200]
    assert "over-long" in refusal(pack(("f" * 256, b"")))
    assert "deep" in refusal(pack(("d/" * 20 + "f", b"")))


@pytest.mark.parametrize("kind", "2 1 3 4 6".split())
def test_links_devices_and_fifos_of_a_tar_do_not_exist(kind: str) -> None:
    special = tarfile.TarInfo("special")
    special.type = kind.encode()
    special.linkname = "/etc/passwd"
    through = tarfile.TarInfo("special2")
    through.type, through.linkname = tarfile.SYMTYPE, "/tmp"
    assert names(tarred(("hello.py", HELLO), (special, b""), (through, b""))) == ["hello.py"]
    written = names(tarred((through, b""), ("special2/planted", b"x")))
    assert written == ["special2/planted"]  # a folder of that name, not the link's target


def test_a_symbolic_link_of_a_zip_does_not_exist() -> None:
    link = zipfile.ZipInfo("hello.py")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert names(zipped((link, b"/etc/passwd"), ("x", b""))) == ["x"]


def test_of_the_mode_only_executable_counts() -> None:
    info = tarfile.TarInfo("tool")
    info.mode = 0o6755
    member = zipfile.ZipInfo("tool")
    member.create_system, member.external_attr = 3, 0o106755 << 16
    for packed in (tarred((info, b"x")), zipped((member, b"x"))):
        assert read_archive(packed, "ana.zip").files == {"tool": (b"x", True)}


def test_a_zip_from_windows_may_separate_with_backslashes() -> None:
    assert names(zipped(("pipe\\hello.py", HELLO))) == ["pipe/hello.py"]
    assert "leaves" in refusal(zipped(("..\\..\\x", b"")))


def test_names_that_are_no_utf8_are_kept_apart() -> None:
    assert names(tarred(("h\udce4llo.py", HELLO), format=tarfile.GNU_FORMAT)) == ["h\udce4llo.py"]
    broken = zipped(("hällo.py", HELLO)).replace("hällo.py".encode(), b"h\xff\xfello.py")
    assert "damaged" in refusal(broken)


# -- bombs -----------------------------------------------------------------------------------

ZEROS = bytes(MAX_BYTES + 1)


def test_a_bomb_is_not_unpacked() -> None:
    assert "more than 64 MiB" in refusal(zipped(("bomb", ZEROS)))
    assert "more than 64 MiB" in refusal(gzip.compress(tarred(("bomb", ZEROS)), 1))


def test_a_bomb_behind_a_small_promise_is_not_unpacked() -> None:
    honest = zipped(("bomb", ZEROS))
    size = (MAX_BYTES + 1).to_bytes(4, "little")
    assert "damaged" in refusal(honest.replace(size, (5).to_bytes(4, "little")))


def test_overlapping_members_count_each_time() -> None:
    """Many entries of the directory that point at one compressed member."""
    kernel = zipped(("a", bytes(8 << 20)))
    at = kernel.index(b"PK\x01\x02")
    entry, end = kernel[at : kernel.index(b"PK\x05\x06")], kernel[kernel.index(b"PK\x05\x06") :]
    entries = b"".join(entry[:-1] + bytes([ord("a") + n]) for n in range(20))
    end = end[:8] + b"\x14\0\x14\0" + len(entries).to_bytes(4, "little") + end[16:]
    message = refusal(kernel[:at] + entries + end)
    assert "64 MiB" in message or "damaged" in message


def test_a_bomb_in_a_bomb_stays_a_small_file() -> None:
    inner = zipped(("bomb", bytes(32 << 20)))
    assert names(zipped(("hello.py", HELLO), ("inner.zip", inner))) == ["hello.py", "inner.zip"]


def test_too_many_entries_are_refused_before_they_are_made() -> None:
    many = [(f"f{number}", b"") for number in range(MAX_ENTRIES + 1)]
    assert f"more than {MAX_ENTRIES} files" in refusal(zipped(*many, method=0))
    assert f"more than {MAX_ENTRIES} files" in refusal(tarred(*many))


def test_an_xz_that_needs_a_huge_dictionary_is_refused() -> None:
    # Making one would take as much memory, so the header of a small one is changed.
    plain = bytearray(lzma.compress(tarred(("a", b"")), preset=0))
    assert plain[12:14] == b"\x02\x00"  # block header: size, one filter
    plain[16] = 40  # the largest dictionary, 4 GiB
    plain[20:24] = zlib.crc32(plain[12:20]).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(plain))


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(10 << 30)
    for format in ("gnu", "pax"):
        packed = tmp_path / f"{format}.tar"
        subprocess.run(
            ["tar", "-C", tmp_path, f"--format={format}", "-Scf", packed, "big"], check=True
        )
        assert "sparse" in refusal(packed.read_bytes())


# -- damage ----------------------------------------------------------------------------------


@every_kind
def test_a_cut_archive_is_damaged_not_a_crash(pack: Callable[..., bytes]) -> None:
    packed = pack(("hello.py", HELLO * 500), ("x", b"y"))
    assert "damaged" in refusal(packed[: 700 if len(packed) > 2000 else len(packed) // 2])


def test_an_encrypted_zip_says_so() -> None:
    packed = bytearray(zipped(("hello.py", HELLO)))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refusal(bytes(packed))


def test_what_is_no_archive_says_so() -> None:
    for data in (b"", b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf'\x1c" * 200, HELLO * 100):
        assert "neither a zip nor a tar" in refusal(data)


def test_a_header_of_many_records_costs_no_time() -> None:
    info = tarfile.TarInfo("hello.py")
    info.pax_headers = {f"k{number}": "1" * 20 for number in range(2000)}
    assert names(tarred((info, b""))) == ["hello.py"]


def test_a_zip_that_points_before_its_begin_is_damaged() -> None:
    packed = bytearray(zipped(("hello.py", HELLO)))
    end = packed.index(b"PK\x05\x06")
    packed[end + 17] += 1  # the offset of the directory: 256 too far, so all members 256 too low
    assert "damaged" in refusal(bytes(packed))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PACK), st.data())
def test_a_damaged_archive_is_read_or_refused(
    pack: Callable[..., bytes], data: st.DataObject
) -> None:
    packed = bytearray(pack(("pipe/hello.py", HELLO), ("x", b"y" * 600)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packed) - 1))
        packed[at] = data.draw(st.integers(0, 255))
    try:
        read_archive(bytes(packed), "ana.zip")
    except UsageError as refused:
        assert refused.where == "ana.zip"


def test_the_name_tells_what_is_read_as_an_archive() -> None:
    assert [is_archive(name) for name in ("a.ZIP", "a.tar.xz", "a.tgz", "a.py", "a.rar")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [stem(name) for name in ("a.b.tar.gz", "ana.ZIP", "ana")] == ["a.b", "ana", "ana"]
