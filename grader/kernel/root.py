"""Owns the private root of a run: read-only system and interpreter, bounded tmpfs, minimal /dev,
own /proc. Everything else of the host does not exist inside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from grader.kernel import abi, libc, venv
from grader.kernel.namespaces import INNER_ID, become_inner_user, check

WORK = "/home/student"
"""The student's folder inside."""
PYTHON = "/opt/python"
"""Where the interpreter's virtual environment lies inside."""

_NEW_ROOT = "/tmp"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_PROC = "subset=pid,hidepid=2"
"""Processes only, and only one's own (proc(5)): nothing of the kernel, nothing of PID 1."""
_READ_ONLY = abi.MOUNT_ATTR_RDONLY | abi.MOUNT_ATTR_NOSUID | abi.MOUNT_ATTR_NODEV
_ETC_FILES = {
    "passwd": f"student:x:{INNER_ID}:{INNER_ID}:student:{WORK}:/bin/sh\n",
    "group": f"student:x:{INNER_ID}:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


class Layout(msgspec.Struct, frozen=True):
    """What the private root holds. files: bytes that may be written in all; given: bytes of the
    submission, which has room beside them; packages: host paths of modules that Python programs
    can import."""

    files: int
    given: int = 0
    packages: tuple[str, ...] = ()


def build(layout: Layout) -> None:
    """Make the new root and make it ours (pivot_root(2)). To be called by PID 1 of the run."""
    check("unshare mounts", libc.unshare(abi.CLONE_NEWNS))
    check("make mounts private", libc.mount("none", "/", None, abi.MS_REC | abi.MS_PRIVATE))
    trees = _system_trees(layout)  # while we may still pass through the caller's own folders
    become_inner_user()
    root_options = "mode=755,size=1m,nr_inodes=512"
    _tmpfs(_NEW_ROOT, root_options, 0)
    os.chdir(_NEW_ROOT)
    for target, (tree, is_folder) in trees.items():
        _place(tree, target, is_folder)
    venv.create(f".{PYTHON}")
    for name in _SYSTEM:
        if os.path.islink(name):
            os.symlink(os.readlink(name), f".{name}")
    for name, content in _ETC_FILES.items():
        Path(f"./etc/{name}").write_text(content)
    _bounded_folders(layout)
    _devices()
    os.makedirs("./proc")
    flags = abi.MS_NOSUID | abi.MS_NODEV | abi.MS_NOEXEC
    check("mount /proc", libc.mount("proc", "./proc", "proc", flags, _PROC))
    check("pivot_root", libc.raw("pivot_root", b".", b"."))
    check("detach the old root", libc.umount(".", abi.MNT_DETACH))
    os.chdir(WORK)  # /proc names it: that is where the grader looks for the student's files
    check(
        "make / read-only",
        libc.restrict_mount(abi.AT_FDCWD, "/", abi.MOUNT_ATTR_RDONLY, recursive=False),
    )


def _system_trees(layout: Layout) -> dict[str, tuple[int, bool]]:
    """Detached read-only copies of host trees by their place inside, and whether each is a
    folder. Parents come before what lies in them."""
    wanted = {name: name for name in _SYSTEM if not os.path.islink(name)}
    wanted |= {name: name for name in _ETC}
    for prefix in sorted({sys.base_prefix, os.path.realpath(sys.base_prefix)}):
        if not prefix.startswith("/usr/") and prefix != "/usr":
            wanted[prefix] = prefix
    for package in layout.packages:
        wanted[f"{venv.packages(PYTHON)}/{os.path.basename(package)}"] = package
    found: dict[str, tuple[int, bool]] = {}
    for target, source in wanted.items():
        if not os.path.exists(source):
            continue
        tree = check(f"copy the mount of {source}", libc.open_tree(source))
        check(f"make {source} read-only", libc.restrict_mount(tree, "", _READ_ONLY, recursive=True))
        found[target] = (tree, os.path.isdir(source))
    return found


def _place(tree: int, target: str, is_folder: bool) -> None:
    place = Path(f".{target}")
    if is_folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    check(f"mount {target}", libc.attach_tree(tree, str(place)))
    os.close(tree)


def _tmpfs(target: str, options: str, flags: int) -> None:
    check(
        f"mount tmpfs on {target}",
        libc.mount("tmpfs", target, "tmpfs", flags | abi.MS_NOSUID | abi.MS_NODEV, options),
    )


def _bounded_folders(layout: Layout) -> None:
    for name in (WORK, "/tmp", "/dev/shm", "/dev/mqueue"):
        os.makedirs(f".{name}", exist_ok=True)
    size = layout.files
    _tmpfs(f".{WORK}", f"mode=755,size={size + layout.given},nr_inodes=8192", 0)
    _tmpfs("./tmp", f"mode=1777,size={size},nr_inodes=4096", 0)
    _tmpfs("./dev/shm", f"mode=1777,size={size},nr_inodes=4096", 0)
    flags = abi.MS_NOSUID | abi.MS_NODEV | abi.MS_NOEXEC
    check("mount /dev/mqueue", libc.mount("mqueue", "./dev/mqueue", "mqueue", flags))


def _devices() -> None:
    for name in _DEVICES:
        tree = check(f"copy /dev/{name}", libc.open_tree(f"/dev/{name}"))
        _place(tree, f"/dev/{name}", is_folder=False)
    for name, target in (
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ):
        os.symlink(target, f"./dev/{name}")
