// threat: Exhaust
// attack: memory: System V segments, filled and detached
// happens: limit `memory`
// expect: limit:memory
// bounds: memory=64
#include "attack.h"

int main(void) {
    for (int i = 0; i < 100; i++) {
        int id = shmget(0x7EA00100 + i, 4 << 20, IPC_CREAT | 0600);
        char *at = shmat(id, 0, 0);
        if (at == (void *)-1) return 1;
        memset(at, 'x', 4 << 20);
        shmdt(at);
    }
    for (;;) sleep(1000);
}
