// threat: Attack the grader
// attack: `kill(-1, SIGKILL)`, PIDs by guess, pidfds, real-time signals
// happens: reaches its own processes only
// landlock: refused
// args: {grader}
#include "attack.h"

// What is one's own is as everywhere: a child that has ended can be sent signals, one that is waited
// for cannot be found.
static void own_child(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    setpgid(child, child);
    siginfo_t ended;
    waitid(P_PID, child, &ended, WEXITED | WNOWAIT);
    if (kill(child, SIGTERM) != 0 || kill(-child, 0) != 0) BREACH("no zombie: %m");
    waitpid(child, 0, 0);
    if (kill(child, 0) != -1 || errno != ESRCH) BREACH("not gone: %m");
    if (kill(-child, 0) != -1 || errno != ESRCH) BREACH("its group is not gone: %m");
}

int main(int argc, char **argv) {
    own_child();
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
