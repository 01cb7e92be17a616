// threat: Exhaust
// attack: bytes in System V queues, which no process holds
// happens: limit `memory` or `objects`
// expect: limit:memory limit:objects
// bounds: memory=8
#include "attack.h"

int main(void) {
    static struct { long type; char text[8000]; } message = {1, {0}};
    for (int i = 0; i < 3000; i++) {
        int id = msgget(0x7EA20000 + i, IPC_CREAT | 0600);
        while (msgsnd(id, &message, sizeof message.text, IPC_NOWAIT) == 0) { }
    }
    for (;;) sleep(1000);
}
