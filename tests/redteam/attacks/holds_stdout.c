// threat: Outlive the limit
// attack: a grandchild keeps stdout open
// happens: it is residue; nobody waits for its stdout
// residue: process
// bounds: wall=1
#include "attack.h"

int main(void) {
    puts("held");
    fflush(stdout);
    if (fork() == 0) {
        if (fork() == 0) {
            prctl(PR_SET_NAME, "holder");
            for (;;) sleep(1000);
        }
        _exit(0);
    }
    return 0;
}
