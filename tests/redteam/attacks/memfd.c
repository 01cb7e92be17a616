// threat: Exhaust
// attack: memory: memfd files that are not mapped
// happens: limit `memory`
// expect: limit:memory
// bounds: memory=64
#include "attack.h"

int main(void) {
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    for (;;) {
        int fd = memfd_create("redteam", 0);
        for (int i = 0; i < 8; i++)
            if (write(fd, block, sizeof block) < 0) sleep(1000);
    }
}
