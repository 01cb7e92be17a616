// threat: Attack the grader
// attack: limits, priority and CPUs of the grader
// happens: refused
// landlock: refused
// args: {grader}
#include "attack.h"

#include <sys/resource.h>

int main(int argc, char **argv) {
    long pid = atol(argv[1] + 4);
    struct rlimit none = {0, 0};
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    if (pid == getpid()) return held();
    MUST_FAIL(prlimit(pid, RLIMIT_NOFILE, &none, 0));
    MUST_FAIL(setpriority(PRIO_PROCESS, pid, 19));
    MUST_FAIL(sched_setaffinity(pid, sizeof cpus, &cpus));
    MUST_FAIL(syscall(SYS_ioprio_set, 1, pid, 3 << 13));
    return held();
}
