// threat: Outlive the limit
// attack: stops itself
// happens: stuck, at once
// expect: deadlock
#include "attack.h"

int main(void) {
    raise(SIGSTOP);
    return held();
}
