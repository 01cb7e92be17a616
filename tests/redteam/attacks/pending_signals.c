// threat: Exhaust
// attack: queued signals that nobody takes
// happens: a few thousand, then EAGAIN
#include "attack.h"

int main(void) {
    sigset_t all;
    union sigval value = {0};
    int sent = 0;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    while (sent < 50000 && sigqueue(getpid(), SIGRTMIN, value) == 0) sent++;
    if (sent >= 50000) BREACH("%d signals", sent);
    return held();
}
