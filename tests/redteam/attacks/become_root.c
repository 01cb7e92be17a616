// threat: Read what is not yours
// attack: capabilities: set ids, mount, chroot, new namespaces, devices, set-user-ID
// happens: refused; user ID 0 never has a capability
#include "attack.h"

int main(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "Cap", 3) && strspn(strchr(line, ':') + 1, "\t0\n") != strlen(strchr(line, ':') + 1))
            BREACH("%s", line);
    for (int cap = 0; cap < 41; cap++)
        if (prctl(PR_CAPBSET_READ, cap) == 1 && getuid() == 0) BREACH("bounding set %d", cap);
    if (getuid() != 0) MUST_FAIL(setuid(0));
    MUST_FAIL(chroot("."));
    MUST_FAIL(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0));
    MUST_FAIL(unshare(CLONE_NEWUSER));
    MUST_FAIL(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    MUST_FAIL(syscall(SYS_setns, 0, 0));
    MUST_FAIL(mknod("device", S_IFBLK | 0600, 0x0801));
    MUST_FAIL(sethostname("x", 1));
    MUST_FAIL(syscall(SYS_init_module, 0, 0, ""));
    return held();
}
