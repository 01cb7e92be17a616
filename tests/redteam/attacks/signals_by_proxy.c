// threat: Attack the grader
// attack: has the kernel signal a stranger: `F_SETOWN`, `FIOSETOWN`, `mq_notify`
// happens: reaches its own processes only
// landlock: refused
// args: {grader}
#include "attack.h"

int main(int argc, char **argv) {
    int pair[2], pid = atoi(argv[1] + 4);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 1;
    int targets[] = {pid, getppid(), 1};
    for (int i = 0; i < 3; i++) {
        fcntl(pair[0], F_SETOWN, targets[i]);
        fcntl(pair[0], F_SETSIG, SIGKILL);
        ioctl(pair[0], 0x8901, &targets[i]);
        fcntl(pair[0], F_SETFL, O_ASYNC);
        if (write(pair[1], "x", 1) != 1) return 1;
    }
    return held();
}
