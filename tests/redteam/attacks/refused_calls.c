// threat: Blind the observer
// attack: io_uring, an own seccomp filter, bpf, userfaultfd, perf, memfd_secret, pidfd_getfd, process_vm_writev, personality and more
// happens: refused
#include "attack.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

int main(void) {
    char space[256] = {0}, other[4];
    struct iovec here = {space, 4}, there = {other, 4};
    struct sock_filter allow = {0x06, 0, 0, 0x7fff0000};
    struct sock_fprog program = {1, &allow};
    REFUSED(syscall(425, 8, space)); // io_uring_setup
    REFUSED(syscall(426, 0, 0, 0, 0, 0));
    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    REFUSED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    REFUSED(prctl(PR_SET_DUMPABLE, 0));
    REFUSED(syscall(SYS_bpf, 0, space, sizeof space));
    REFUSED(syscall(SYS_userfaultfd, 1));
    REFUSED(syscall(SYS_perf_event_open, space, 0, -1, -1, 0));
    REFUSED(syscall(447, 0)); // memfd_secret
    REFUSED(syscall(438, syscall(SYS_pidfd_open, getpid(), 0), 1, 0)); // pidfd_getfd
    REFUSED(syscall(SYS_process_vm_writev, getpid(), &here, 1, &there, 1, 0));
    REFUSED(syscall(SYS_ptrace, PTRACE_SEIZE, getpid(), 0, 0));
    REFUSED(syscall(435, space, 88)); // clone3
    REFUSED(syscall(SYS_personality, 0x0040000));
    REFUSED(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
    REFUSED(syscall(SYS_io_setup, 1, space));
    REFUSED(syscall(SYS_open_by_handle_at, AT_FDCWD, space, 0));
    REFUSED(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
    return held();
}
