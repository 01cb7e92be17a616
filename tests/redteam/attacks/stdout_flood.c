// threat: Exhaust
// attack: floods stdout; fills the grader's pipes
// happens: limit `output`
// expect: limit:output
#include "attack.h"

int main(void) {
    static char block[1 << 16];
    memset(block, '\n', sizeof block);
    while (write(1, block, sizeof block) > 0) { }
}
