// threat: Outlive the limit
// attack: stops, ends and kills its parent and PID 1
// happens: PID 1 is protected
// landlock: refused
#include "attack.h"

int main(void) {
    long parents[] = {1, getppid()};
    int signals[] = {SIGSTOP, SIGTERM, SIGKILL, SIGSEGV, SIGTSTP};
    for (int i = 0; i < 2; i++)
        for (int n = 0; n < 5; n++) kill(parents[i], signals[n]);
    return held();
}
