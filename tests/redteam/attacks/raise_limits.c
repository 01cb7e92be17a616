// threat: Exhaust
// attack: raises its limits and its priority, in itself and in a child
// happens: refused
#include "attack.h"

#include <sys/resource.h>

static void raise_all(void) {
    static const int kinds[] = {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct rlimit limit;
        getrlimit(kinds[i], &limit);
        if (limit.rlim_max == RLIM_INFINITY) BREACH("kind %d has no limit", kinds[i]);
        limit.rlim_max++;
        MUST_FAIL(setrlimit(kinds[i], &limit));
        MUST_FAIL(prlimit(getpid(), kinds[i], &limit, NULL));
    }
    struct sched_param first = {1};
    MUST_FAIL(sched_setscheduler(0, SCHED_FIFO, &first));
    MUST_FAIL(setpriority(PRIO_PROCESS, 0, -10));
}

int main(void) {
    raise_all();
    if (fork() == 0) {
        raise_all();
        _exit(0);
    }
    wait(NULL);
    return held();
}
