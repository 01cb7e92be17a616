// threat: Exhaust
// attack: a million tiny writes
// happens: limit `events`
// expect: limit:events
// bounds: wall=40 cpu=20 events=2000
#include "attack.h"

int main(void) {
    int pair[2];
    char byte;
    if (pipe(pair)) return 1;
    while (write(pair[1], "x", 1) == 1 && read(pair[0], &byte, 1) == 1) { }
}
