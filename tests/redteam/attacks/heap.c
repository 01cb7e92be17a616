// threat: Exhaust
// attack: memory: heap
// happens: limit `memory`
// expect: limit:memory
// bounds: memory=64
#include "attack.h"

int main(void) {
    for (;;) {
        volatile char *block = malloc(1 << 20);
        if (!block) return 1;
        for (int at = 0; at < 1 << 20; at += 4096) block[at] = 'x';
    }
}
