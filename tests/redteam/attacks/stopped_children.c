// threat: Outlive the limit
// attack: leaves children that are stopped, and one that will stop its reaper
// happens: residue, and killed
// residue: process
#include "attack.h"

int main(void) {
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            raise(SIGSTOP);
            for (;;) kill(getppid(), SIGSTOP);
        }
        waitpid(child, NULL, WUNTRACED);
    }
    return held();
}
