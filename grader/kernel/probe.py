"""Owns what this machine offers for sandboxing and tracing, feature by feature: asked of the kernel
by trying, never guessed from version numbers where trying is possible."""

from __future__ import annotations

import errno
import os
import platform
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from grader.kernel import abi, landlock, libc

_SYSCTL = Path("/proc/sys")
_SECCOMP_FILTER = "2"
"""Seccomp mode of a process under a filter (proc_pid_status(5))."""


class Feature(msgspec.Struct, frozen=True):
    """One thing that a tier rests on.

    present: None where there is nothing to have (no such restriction on this machine). found: what
    the kernel said. cost: what is lost without it. fix: the command that mends it.
    """

    name: str
    present: bool | None
    found: str
    cost: str = ""
    fix: str = ""


def features() -> list[Feature]:
    """All features, each asked on its own."""
    return [
        _user_namespaces(),
        _apparmor(),
        _container_filter(),
        _yama(),
        _tracing(),
        _mounts(),
        _landlock(),
        _cgroups(),
    ]


def kernel() -> str:
    """Release and machine: "6.8.0-45-generic x86_64"."""
    return f"{platform.release()} {platform.machine()}"


def _user_namespaces() -> Feature:
    code = _in_child(lambda: -libc.unshare(abi.CLONE_NEWUSER | abi.CLONE_NEWPID))
    if code == 0:
        return Feature("user namespaces", True, "may be created")
    fix = "sudo sysctl -w user.max_user_namespaces=15000"
    if _setting("kernel/unprivileged_userns_clone") == "0":
        fix = "sudo sysctl -w kernel.unprivileged_userns_clone=1"
    elif code == errno.EPERM:
        fix = "in a container: docker run --security-opt seccomp=unconfined …"
    cost = "no tier namespaces: runs share the machine's keys, ports and names, one after another"
    return Feature("user namespaces", False, f"refused: {os.strerror(code)}", cost, fix)


def _apparmor() -> Feature:
    name = "AppArmor and user namespaces"
    setting = _setting("kernel/apparmor_restrict_unprivileged_userns")
    if setting is None:
        return Feature(name, None, "no such restriction on this machine")
    if setting == "0" or os.geteuid() == 0:
        return Feature(name, True, "not restricted for us")
    return Feature(
        name,
        False,
        "user namespaces come without capabilities (Ubuntu 23.10 and later)",
        "no tier namespaces",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    )


def _container_filter() -> Feature:
    name = "seccomp filter of a container"
    status = Path("/proc/self/status").read_text()
    mode = next((line.split()[1] for line in status.splitlines() if line[:8] == "Seccomp:"), "0")
    if mode != _SECCOMP_FILTER:
        return Feature(name, None, "we run under none")
    code = _in_child(lambda: -libc.unshare(abi.CLONE_NEWUSER))
    if code == 0:
        return Feature(name, True, "lets us make namespaces")
    return Feature(
        name,
        False,
        "refuses namespaces",
        "no tier namespaces",
        "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined …",
    )


def _yama() -> Feature:
    name = "Yama ptrace_scope"
    scope = _setting("kernel/yama/ptrace_scope")
    if scope is None:
        return Feature(name, None, "this kernel has no Yama")
    allowed = int(scope) < 2 or (scope == "2" and os.geteuid() == 0)
    if allowed:
        return Feature(name, True, f"{scope}: a parent may trace its children")
    return Feature(
        name,
        False,
        f"{scope}: tracing is not for ordinary users",
        "no grading at all" if scope == "3" else "no tier landlock",
        "sudo sysctl -w kernel.yama.ptrace_scope=1" if scope == "2" else "set it to 1 and reboot",
    )


def _tracing() -> Feature:
    name = "ptrace with PTRACE_GET_SYSCALL_INFO"
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    try:
        code = -libc.ptrace(abi.PTRACE_SEIZE, pid)
        if code == 0:
            libc.ptrace(abi.PTRACE_INTERRUPT, pid)
            os.waitpid(pid, abi.WALL)
            code = 0 if libc.syscall_info(pid) is not None else errno.EIO
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, abi.WALL)
    if code == 0:
        return Feature(name, True, "works")
    fix = "docker run --cap-add SYS_PTRACE …" if code == errno.EPERM else "Linux 5.3 or newer"
    return Feature(name, False, os.strerror(code), "no grading at all", fix)


def _mounts() -> Feature:
    name = "mount_setattr"
    if libc.raw("mount_setattr", -1, b"", 0, b"", 0) != -errno.ENOSYS:
        return Feature(name, True, "this kernel has it")
    return Feature(name, False, "this kernel has none", "no tier namespaces", "Linux 5.12 or newer")


def _landlock() -> Feature:
    version = landlock.version()
    if version == 0:
        return Feature(
            "Landlock",
            False,
            "this kernel has none, or it is not switched on",
            "no tier landlock",
            "boot Linux 5.13 or newer with lsm=landlock,… on the kernel's command line",
        )
    missing = [
        words
        for there, words in (
            (landlock.limits_ports(), "TCP ports (Linux 6.7)"),
            (landlock.scopes_signals(), "signals and abstract sockets (Linux 6.12)"),
        )
        if not there
    ]
    cost = f"in tier landlock only the supervisor keeps apart: {', '.join(missing)}"
    return Feature("Landlock", True, f"ABI {version}", cost if missing else "")


def _cgroups() -> Feature:
    """What is there. No tier uses it: on no machine of ours could a delegated one be tried."""
    name = "cgroup that counts memory"
    cost = "not used: memory is added up from /proc, so a short peak may pass unseen"
    places = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
    root = next((place for place in places if (place / "cgroup.controllers").exists()), None)
    if root is None:
        return Feature(name, None, "no cgroup version 2 here", cost)
    if "memory" not in (root / "cgroup.controllers").read_text().split():
        return Feature(name, None, "version 2 without memory, which version 1 has taken", cost)
    own = Path("/proc/self/cgroup").read_text().rpartition("0::")[2].strip().lstrip("/")
    ours = os.access(root / own / "cgroup.procs", os.W_OK)
    return Feature(name, None, f"version 2, {'ours' if ours else 'not ours'} to divide", cost)


def _setting(name: str) -> str | None:
    try:
        return (_SYSCTL / name).read_text().strip()
    except OSError:
        return None


def _in_child(attempt: Callable[[], int]) -> int:
    """The errno of an attempt that would change this process, made in a child of it."""
    pid = os.fork()
    if pid == 0:
        os._exit(attempt() & 0xFF)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
