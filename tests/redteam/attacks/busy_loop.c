// threat: Outlive the limit
// attack: computes for ever, in several processes
// happens: CPU limit of the whole family
// expect: limit:cpu
// bounds: cpu=1
#include "attack.h"

int main(void) {
    fork();
    fork();
    for (;;) { }
}
