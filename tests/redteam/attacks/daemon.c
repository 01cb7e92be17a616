// threat: Outlive the limit
// attack: setsid and a double fork
// happens: the daemon is residue and is killed
// residue: process
// bounds: wall=1
#include "attack.h"

int main(void) {
    puts("held");
    fflush(stdout);
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;) sleep(1000);
        _exit(0);
    }
    return 0;
}
