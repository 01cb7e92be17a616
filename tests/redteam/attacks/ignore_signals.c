// threat: Outlive the limit
// attack: ignores and blocks every signal
// happens: killed at the wall limit
// expect: timeout deadlock
// bounds: wall=1
#include "attack.h"

int main(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (int n = 1; n < 65; n++) signal(n, SIG_IGN);
    for (;;) sleep(1000);
}
