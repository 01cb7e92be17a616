// threat: Exhaust
// attack: children that nobody waits for
// happens: limit `processes` counts them too
// expect: limit:processes
#include "attack.h"

int main(void) {
    for (;;)
        if (fork() == 0) _exit(0);
}
