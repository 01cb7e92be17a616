"""Owns the last steps before a student's program: descriptors, limits, privileges, filter."""

from __future__ import annotations

import errno
import os
import resource
import signal
from math import ceil

import msgspec

from grader.kernel import abi, libc
from grader.kernel.seccomp import RefusedArgument

_EPERM = (
    "ptrace process_vm_readv process_vm_writev pidfd_getfd seccomp bpf userfaultfd "
    "perf_event_open keyctl add_key request_key mount umount2 pivot_root chroot fsopen fsconfig "
    "fsmount fspick open_tree move_mount mount_setattr unshare setns kexec_load kexec_file_load "
    "init_module finit_module delete_module reboot swapon swapoff acct syslog settimeofday "
    "clock_settime adjtimex clock_adjtime quotactl quotactl_fd personality kcmp "
    "open_by_handle_at name_to_handle_at fanotify_init modify_ldt iopl ioperm vhangup "
    "process_madvise process_mrelease lookup_dcookie sethostname setdomainname"
).split()
_ENOSYS = (
    "io_uring_setup io_uring_enter io_uring_register clone3 io_setup io_submit memfd_secret"
).split()

REFUSED: dict[str, int] = {
    **dict.fromkeys(_EPERM, errno.EPERM),
    **dict.fromkeys(_ENOSYS, errno.ENOSYS),
}
"""Calls that would blind the observer or reach into the kernel, with the errno they get.

ENOSYS where the C library then takes another way (clone3 becomes clone)."""

REFUSED_IN_BUILDS: dict[str, int] = dict.fromkeys(
    "msgget shmget semget mq_open".split(), errno.EPERM
)
"""Objects that would outlive a build; no compiler needs them."""

_NAMESPACES = (
    abi.CLONE_NEWNS
    | abi.CLONE_NEWUTS
    | abi.CLONE_NEWIPC
    | abi.CLONE_NEWUSER
    | abi.CLONE_NEWPID
    | abi.CLONE_NEWNET
    | 0x02000000  # CLONE_NEWCGROUP
)
_BLINDING = (abi.PR_SET_DUMPABLE, 22, 35)
"""PR_SET_SECCOMP, PR_SET_MM; a process that is not dumpable hides its descriptors."""
_TERMINAL = (0x5412, 0x541C)
"""TIOCSTI, TIOCLINUX (include/uapi/asm-generic/ioctls.h): type into somebody's terminal."""
FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK (getaddrinfo asks it); the others reach the hypervisor
(vsock) or seldom used corners of the kernel."""

REFUSED_ARGUMENTS: tuple[RefusedArgument, ...] = (
    RefusedArgument("clone", 0, errno.EPERM, bits=_NAMESPACES | abi.CLONE_UNTRACED),
    RefusedArgument("prctl", 0, errno.EPERM, values=_BLINDING),
    RefusedArgument("ioctl", 1, errno.EPERM, values=_TERMINAL),
    RefusedArgument("socket", 0, errno.EAFNOSUPPORT, unless=FAMILIES),
    RefusedArgument("socketpair", 0, errno.EAFNOSUPPORT, unless=FAMILIES),
)
"""Calls that are refused for some of their arguments only."""

_SIGNALS_PENDING = 4096
_QUEUE_BYTES = 1 << 20
_LAST_TO_BE_SPARED = b"1000"
"""The highest oom_score_adj (proc_pid_oom_score_adj(5)): out of memory, students' programs go."""


class Limits(msgspec.Struct, frozen=True):
    """What setrlimit(2) enforces for each process. cpu in seconds, files in bytes."""

    cpu: float
    files: int
    descriptors: int


def apply_limits(limits: Limits) -> None:
    """CPU is a backstop, far above what the supervisor watches for the family by its exact clock:
    setrlimit(2) counts whole ticks, which on a loaded machine are more than a program really had,
    and a program that it kills dies without a word."""
    cpu = 4 * ceil(limits.cpu)
    for kind, value in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits.files),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 1 << 20),
        (11, _SIGNALS_PENDING),  # RLIMIT_SIGPENDING, include/uapi/asm-generic/resource.h
        (12, _QUEUE_BYTES),  # RLIMIT_MSGQUEUE
    ):
        _soft, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def reset_signals() -> None:
    """Default dispositions and an empty mask: what a shell gives its jobs."""
    for number in range(1, signal.NSIG):
        if signal.getsignal(number) is signal.SIG_IGN:  # the exec itself undoes handlers
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def first_victim() -> None:
    """If memory runs out, this process and its children go before the grader does."""
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(_LAST_TO_BE_SPARED)


def _checked(step: str, result: int) -> None:
    if result < 0:
        raise OSError(-result, os.strerror(-result), step)


def _empty_bounding_set() -> int:
    """No capability can come back by any exec (capabilities(7)); -EINVAL ends the list."""
    for capability in range(64):
        result = libc.prctl(abi.PR_CAPBSET_DROP, capability)
        if result < 0:
            # without the right to drop there is nothing to drop either: no_new_privs holds
            return 0 if result in (-errno.EINVAL, -errno.EPERM) else result
    return 0


def confine(*, stdio: tuple[int, int, int], limits: Limits, filter_program: bytes) -> None:
    """All that is left to do before the exec; OSError with what failed as its filename."""
    for target, descriptor in enumerate(stdio):
        os.dup2(descriptor, target)
    libc.close_range(3, at_exec=True)
    reset_signals()
    apply_limits(limits)
    _checked("no_new_privs", libc.prctl(abi.PR_SET_NO_NEW_PRIVS, 1))
    _checked("drop the capability bounding set", _empty_bounding_set())
    # the exec takes ours away; until then they keep programs of the same run, which have none,
    # from looking at us: our memory is the grader's
    _checked("drop capabilities", libc.inherit_no_capability())
    _checked("seccomp filter", libc.install_filter(filter_program))
