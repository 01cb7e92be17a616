"""Owns the last steps before a student's program: descriptors, limits, privileges, filter, exec."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from grader.kernel import abi, libc
from grader.kernel.seccomp import RefusedArgument

_EPERM = (
    "ptrace process_vm_readv process_vm_writev seccomp bpf userfaultfd perf_event_open keyctl "
    "add_key request_key mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree "
    "move_mount mount_setattr unshare setns kexec_load kexec_file_load init_module finit_module "
    "delete_module reboot swapon swapoff acct syslog settimeofday clock_settime quotactl "
    "personality kcmp open_by_handle_at name_to_handle_at "
    "modify_ldt iopl ioperm vhangup process_madvise"
).split()
_ENOSYS = "io_uring_setup io_uring_enter io_uring_register clone3 io_setup io_submit".split()

REFUSED: dict[str, int] = {
    **dict.fromkeys(_EPERM, errno.EPERM),
    **dict.fromkeys(_ENOSYS, errno.ENOSYS),
}
"""Calls that would blind the observer or reach into the kernel, with the errno they get.

ENOSYS where the C library then takes another way (clone3 becomes clone)."""

_NAMESPACES = (
    abi.CLONE_NEWNS
    | abi.CLONE_NEWUTS
    | abi.CLONE_NEWIPC
    | abi.CLONE_NEWUSER
    | abi.CLONE_NEWPID
    | abi.CLONE_NEWNET
    | 0x02000000  # CLONE_NEWCGROUP
)
REFUSED_ARGUMENTS: dict[str, RefusedArgument] = {
    "clone": RefusedArgument(0, errno.EPERM, bits=_NAMESPACES | abi.CLONE_UNTRACED),
    "prctl": RefusedArgument(0, errno.EPERM, value=22),  # PR_SET_SECCOMP
}
"""Calls that are refused for some of their arguments only."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What setrlimit(2) enforces for each process. cpu in seconds, files in bytes."""

    cpu: float
    files: int
    descriptors: int


def apply_limits(limits: Limits) -> None:
    """CPU is a backstop, one second above what the supervisor watches for the family."""
    cpu = int(limits.cpu) + 1
    for kind, value in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits.files),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def reset_signals() -> None:
    """Default dispositions and an empty mask: what a shell gives its jobs."""
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP) and number not in (32, 33):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def exec_program(
    argv: Sequence[str],
    environment: dict[str, str],
    *,
    stdio: tuple[int, int, int],
    limits: Limits,
    filter_program: bytes,
) -> NoReturn:
    """Become the student's program; OSError with what failed as its filename otherwise."""
    for target, descriptor in enumerate(stdio):
        os.dup2(descriptor, target)
    libc.raw("close_range", 3, 0x7FFFFFFF, 4)  # CLOSE_RANGE_CLOEXEC
    reset_signals()
    apply_limits(limits)
    for step, result in (
        ("no_new_privs", libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1)),
        ("drop capabilities", libc.drop_capabilities()),
        ("seccomp filter", libc.install_filter(filter_program)),
    ):
        if result < 0:
            raise OSError(-result, os.strerror(-result), step)
    os.execvpe(argv[0], list(argv), environment)
