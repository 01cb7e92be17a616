// threat: Outlive the limit
// attack: a vfork child that never execs
// happens: ends with the wall limit, or as stuck at once
// expect: timeout deadlock
// bounds: wall=1
#include "attack.h"

int main(void) {
    if (vfork() == 0)
        for (;;) pause();
    return held();
}
