// threat: Blind the observer
// attack: io_uring, an own seccomp filter, bpf, userfaultfd, perf, memfd_secret, pidfd_getfd, personality and more
// happens: refused
#include "attack.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

int main(void) {
    char space[256] = {0};
    struct sock_filter allow = {0x06, 0, 0, 0x7fff0000};
    struct sock_fprog program = {1, &allow};
    MUST_FAIL(syscall(425, 8, space)); // io_uring_setup
    MUST_FAIL(syscall(426, 0, 0, 0, 0, 0));
    MUST_FAIL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    MUST_FAIL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    MUST_FAIL(prctl(PR_SET_DUMPABLE, 0));
    MUST_FAIL(syscall(SYS_bpf, 0, space, sizeof space));
    MUST_FAIL(syscall(SYS_userfaultfd, 1));
    MUST_FAIL(syscall(SYS_perf_event_open, space, 0, -1, -1, 0));
    MUST_FAIL(syscall(447, 0)); // memfd_secret
    MUST_FAIL(syscall(438, 0, 0, 0)); // pidfd_getfd
    MUST_FAIL(syscall(435, space, 88)); // clone3
    MUST_FAIL(syscall(SYS_personality, 0x0040000));
    MUST_FAIL(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
    MUST_FAIL(syscall(SYS_io_setup, 1, space));
    MUST_FAIL(syscall(SYS_open_by_handle_at, AT_FDCWD, space, 0));
    MUST_FAIL(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
    return held();
}
