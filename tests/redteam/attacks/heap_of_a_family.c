// threat: Exhaust
// attack: memory: a little in each of many processes
// happens: limit `memory`
// expect: limit:memory
// bounds: memory=64
#include "attack.h"

int main(void) {
    for (int i = 0; i < 40; i++)
        if (fork() == 0) {
            volatile char *block = malloc(8 << 20);
            for (int at = 0; at < 8 << 20; at += 4096) block[at] = 'x';
            for (;;) sleep(1000);
        }
    for (;;) wait(0);
}
