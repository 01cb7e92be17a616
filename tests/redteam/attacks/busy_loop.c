// threat: Outlive the limit
// attack: computes for ever, in processes that each live for a few milliseconds
// happens: CPU limit of the whole family
// expect: limit:cpu
// bounds: cpu=1
#include "attack.h"
#include <time.h>

int main(void) {
    fork();
    fork();
    for (;;) {
        struct timespec used;
        do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        while (used.tv_nsec < 4000000);
        pid_t child = fork();
        if (child > 0) kill(getpid(), used.tv_nsec % 2 ? SIGKILL : SIGTERM);
    }
}
