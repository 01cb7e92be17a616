// threat: Outlive the limit
// attack: a relay: each process forks the next and exits
// happens: all of them are found and killed
// expect: finished
// residue: process
// bounds: wall=1
#include "attack.h"

int main(void) {
    puts("held");
    fflush(stdout);
    for (;;) {
        pid_t child = fork();
        if (child > 0) _exit(0);
        if (child < 0) return 1;
    }
}
