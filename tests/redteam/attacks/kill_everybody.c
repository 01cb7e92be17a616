// threat: Attack the grader
// attack: `kill(-1, SIGKILL)`, PIDs by guess, pidfds, real-time signals
// happens: reaches its own processes only
// landlock: refused
// args: {grader}
#include "attack.h"

int main(int argc, char **argv) {
    long grader = atol(argv[1] + 4), me = getpid();
    kill(-1, SIGKILL);
    for (long pid = 2; pid < 400; pid++)
        if (pid != me) kill(pid, SIGKILL);
    if (grader != me) {
        kill(grader, SIGKILL);
        syscall(SYS_tgkill, grader, grader, SIGKILL);
        syscall(SYS_tkill, grader, SIGKILL);
        int fd = syscall(SYS_pidfd_open, grader, 0);
        if (fd >= 0) syscall(SYS_pidfd_send_signal, fd, SIGKILL, 0, 0);
    }
    return held();
}
