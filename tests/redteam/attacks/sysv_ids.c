// threat: Exhaust
// attack: System V ids
// happens: limit `objects`
// expect: limit:objects
#include "attack.h"

int main(void) {
    for (int i = 0; i < 3000; i++) semget(0x7EA10000 + i, 1, IPC_CREAT | 0600);
    for (;;) sleep(1000);
}
