// threat: Exhaust
// attack: memory: heap
// happens: limit `memory`, a few hundred MiB beyond it at most
// expect: limit:memory
// bounds: memory=64
// most: 1024
#include "attack.h"

int main(void) {
    for (int taken = 1;; taken++) {
        volatile char *block = malloc(1 << 20);
        if (!block) return 1;
        for (int at = 0; at < 1 << 20; at += 4096) block[at] = 'x';
        printf("%d\n", taken);
        fflush(stdout);
    }
}
