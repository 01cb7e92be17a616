// threat: Exhaust
// attack: a core dump
// happens: none is written
#include "attack.h"

#include <sys/resource.h>

int main(void) {
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    MUST_FAIL(setrlimit(RLIMIT_CORE, &unlimited));
    if (fork() == 0) abort();
    int status;
    wait(&status);
    if (WCOREDUMP(status)) BREACH("core dumped");
    return held();
}
