// threat: Exhaust
// attack: floods stderr
// happens: limit `output`
// expect: limit:output
#include "attack.h"

int main(void) {
    static char block[1 << 16];
    memset(block, '\n', sizeof block);
    while (write(2, block, sizeof block) > 0) { }
}
