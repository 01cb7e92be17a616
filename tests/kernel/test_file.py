"""Files and FIFOs of the folder that a program works in: opened, used, renamed, removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.kernel.objects import Objects
from grader.trace.model import Event, KernelObject, Outcome, Recording

Watch = Callable[[str], Recording]


@pytest.fixture
def watch(compiled: Callable[..., Path], traced: Callable[..., Recording], tmp_path: Path) -> Watch:
    """watch("opens"): this group of calls, made in an empty folder."""
    work = tmp_path / "work"

    def group(name: str) -> Recording:
        work.mkdir()
        return traced([compiled("file_calls"), name], cwd=work)

    return group


def of(recording: Recording, *events: str) -> list[Event]:
    return [event for event in recording.events if event.event in events]


def known(recording: Recording, id: str) -> KernelObject:
    return next(found for found in recording.objects if found.id == id)


# -- open ---------------------------------------------------------------------------------------


def test_an_open_tells_path_flags_mode_and_what_it_did(watch: Watch) -> None:
    opened = of(watch("opens"), "file.open")
    first, refused, cut = opened[1:4]
    assert (first.object, first.args) == (
        "file:made",
        {
            "path": "made",
            "flags": ["O_WRONLY", "O_CREAT", "O_EXCL", "O_CLOEXEC"],
            "mode": "0604",
            "created": True,
        },
    )
    assert (refused.object, refused.errno) == ("file:made", "EEXIST")
    assert (cut.args["path"], cut.args["flags"], cut.args["truncated"]) == (
        "./made",
        ["O_WRONLY", "O_TRUNC", "O_APPEND"],
        False,  # there was nothing to cut
    )
    creat = next(event for event in opened if event.call == "creat")
    assert (creat.args["created"], creat.args["truncated"]) == (False, True)


def test_files_are_named_from_the_work_folder_whatever_path_led_to_them(watch: Watch) -> None:
    recording = watch("opens")
    named = {event.args["path"]: event.object for event in of(recording, "file.open")}
    assert named["inside"] == "file:folder/inside"
    assert named["../made2"] == "file:made2"
    assert known(recording, "file:made").created_by == "main"


def test_files_of_the_system_are_not_told_but_failed_opens_are(watch: Watch) -> None:
    opened = of(watch("opens"), "file.open")
    assert [(e.args["path"], e.errno) for e in opened if e.errno != "EEXIST" and e.errno] == [
        ("none", "ENOENT"),
        ("", "EFAULT"),
    ]
    assert not {"/etc/passwd", "/dev/null"} & {event.args["path"] for event in opened}


# -- positions ----------------------------------------------------------------------------------


def test_reads_and_writes_tell_where_their_bytes_lie(watch: Watch) -> None:
    moved = of(watch("positions"), "file.read", "file.write")
    assert [(e.call, e.args["offset"], e.data) for e in moved] == [
        ("write", 0, "0123456789"),
        ("read", 6, "678"),
        ("pread64", 1, "12"),
        ("pwrite64", 8, "XY"),
        ("writev", 20, "abcdef"),
        ("preadv2", 5, "56"),
        ("preadv2", 0, "01"),
        ("read", 2, ""),
        ("read", 2, ""),
    ]


def test_seeks_tell_where_they_went_and_asking_for_the_position_is_none(watch: Watch) -> None:
    seeks = of(watch("positions"), "file.seek")
    assert [(e.args["offset"], e.args["whence"], e.errno or e.result) for e in seeks] == [
        (-4, "SEEK_END", 6),
        (20, "SEEK_SET", 20),
        (0, "SEEK_SET", 0),
        (0, "SEEK_END", 2),
        (-1, "SEEK_SET", "EINVAL"),
    ]


def test_sizes_that_are_set_and_syncs_are_told(watch: Watch) -> None:
    recording = watch("positions")
    cuts = of(recording, "file.truncate")
    assert [(e.call, e.object, e.args["size"]) for e in cuts] == [
        ("ftruncate", "file:data", 4),
        ("truncate", "file:data", 2),
    ]
    assert [e.call for e in of(recording, "file.sync")] == ["fsync", "fdatasync"]


# -- names --------------------------------------------------------------------------------------


def test_a_file_keeps_its_identity_under_every_name(watch: Watch) -> None:
    recording = watch("names")
    (link,) = of(recording, "file.link")
    assert (link.object, link.args) == ("file:first", {"path": "first", "to": "other"})
    rename = of(recording, "file.rename")[0]
    assert (rename.object, rename.args["to"], rename.args["replaced"]) == (
        "file:first",
        "second",
        "file:second",
    )
    assert known(recording, "file:second").removed_by == "main"
    removed = [(e.object, e.args["path"], e.errno) for e in of(recording, "file.remove")]
    assert removed[:4] == [
        ("file:first", "other", None),
        ("file:first", "second", None),
        (None, "shortcut", None),
        (None, "none", "ENOENT"),
    ]


def test_a_removed_file_lives_on_in_its_descriptors_beside_a_new_one_of_its_name(
    watch: Watch,
) -> None:
    recording = watch("names")
    assert [(e.object, e.data) for e in of(recording, "file.write")] == [
        ("file:first", "first"),
        ("file:first", "still"),
        ("file:first", "!"),
    ]
    (copied,) = of(recording, "file.dup")
    assert copied.object == "file:first"
    assert known(recording, "file:first").removed_by == "main"
    again = [e for e in of(recording, "file.open") if e.args["path"] == "second"][-1]
    assert (again.object, again.args["created"]) == ("file:second#2", True)


def test_links_folders_and_exchanges(watch: Watch) -> None:
    recording = watch("names")
    (link,) = of(recording, "file.symlink")
    assert link.args == {"path": "shortcut", "to": "second"}
    through = next(e for e in of(recording, "file.open") if e.args["path"] == "shortcut")
    assert through.object == "file:second#2"
    (made,) = of(recording, "file.mkdir")
    assert made.args == {"path": "folder", "mode": "0700"}
    assert [e.args["path"] for e in of(recording, "file.remove") if e.args.get("folder")] == [
        "folder"
    ]
    exchanged = of(recording, "file.rename")[1]
    assert exchanged.args["flags"] == ["RENAME_EXCHANGE"]
    assert known(recording, "file:plain").attributes["path"] == "second"
    assert of(recording, "file.remove")[-1].object == "file:second#2"  # which is called plain now


# -- bytes moved unseen, closing, junk ----------------------------------------------------------


def test_transfers_tell_both_ends_and_the_bytes_where_one_is_a_file(watch: Watch) -> None:
    recording = watch("transfers")
    unseen = [e for e in recording.events if e.call in ("copy_file_range", "sendfile", "splice")]
    pipe = next(e.object for e in unseen if e.event == "pipe.write")
    assert [(e.event, e.object, e.errno or e.data, e.args.get("offset")) for e in unseen] == [
        ("file.read", "file:source", "2345", 2),
        ("file.write", "file:sink", "2345", 0),
        ("file.read", "file:source", "567", 5),
        ("pipe.write", pipe, "567", None),
        ("pipe.read", pipe, "567", None),
        ("file.write", "file:sink", "567", 4),
        ("file.read", "file:source", "89", 8),
        ("pipe.write", pipe, "89", None),
        ("file.read", "file:source", "EBADF", None),
    ]


def test_closing_is_told_also_where_exec_and_exit_do_it(watch: Watch) -> None:
    recording = watch("closings")
    closed = [(e.process, e.object, e.call) for e in of(recording, "file.close")]
    assert closed[:2] == [("main.1", "file:lost", "execve"), ("main.1", "file:kept", "exit")]
    assert {entry[2] for entry in closed[2:]} == {"exit"}
    printed = of(recording, "file.write")[-1]
    assert (printed.fd, printed.object, printed.data) == (1, "file:kept", "printed")


def test_upper_register_halves_do_not_matter(watch: Watch) -> None:
    events = [e for e in watch("junk").events if e.family == "file"]
    assert [(e.event, e.object) for e in events] == [
        (f"file.{action}", "file:data")
        for action in "open write seek read truncate remove close".split()
    ]
    assert events[0].args["mode"] == "0600"
    assert (events[2].result, events[3].data) == (1, "unk")


# -- FIFOs --------------------------------------------------------------------------------------


def test_a_fifo_is_made_opened_used_and_removed(watch: Watch) -> None:
    recording = watch("fifos")
    made, again = of(recording, "fifo.create")
    assert (made.object, made.args) == ("fifo:queue", {"path": "queue", "mode": "0620"})
    assert again.errno == "EEXIST"
    opened = [(e.process, e.args["end"]) for e in of(recording, "fifo.open")]
    assert sorted(opened[:2]) == [("main", "read"), ("main.1", "write")]
    assert opened[2:] == [("main", "write"), ("main", "both")]
    assert [e.data for e in of(recording, "fifo.write", "fifo.read") if e.bytes] == [
        "through",
        "through",
        "x",
    ]
    assert [e.errno for e in of(recording, "fifo.read")] == [None, "EAGAIN"]
    (end,) = of(recording, "fifo.eof")
    assert end.process == "main"
    (removed,) = of(recording, "fifo.remove")
    assert (removed.object, known(recording, "fifo:queue").removed_by) == ("fifo:queue", "main")


@pytest.mark.parametrize(("end", "needs"), [("read", "a writer"), ("write", "a reader")])
def test_opening_a_fifo_that_nobody_else_opens_is_a_deadlock(
    end: str, needs: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("file_calls"), "stuck", end)
    assert recording.outcome is Outcome.DEADLOCK
    (wait,) = recording.waits
    assert (wait.object, wait.needs, wait.holders) == ("fifo:queue", f"{needs} to open it", [])


@pytest.mark.parametrize("end", ["read", "write"])
def test_opening_a_fifo_that_a_child_opens_later_is_none(
    end: str, compiled: Callable[..., Path], sandboxed: Callable[..., Recording]
) -> None:
    recording = sandboxed(compiled("file_calls"), "stuck", end, "helper")
    assert (recording.outcome, recording.detail) == (Outcome.FINISHED, "")
    assert {e.process for e in of(recording, "fifo.open")} == {"main", "main.1"}


def test_a_path_that_nobody_could_read_makes_no_such_name() -> None:
    objects = Objects("/home/student")
    names = ["/home/student/" + "d" * 4000 + last for last in ("1", "2", "2")]
    ids = [objects.named(("inode", inode), name).id for inode, name in enumerate(names)]
    assert len(set(ids)) == 3
    assert all(len(id) < 300 for id in ids)
    assert len(objects.short(names[0])) < 300
