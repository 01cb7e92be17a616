// threat: Exhaust
// attack: events with as much data as a pipe takes, without end
// happens: limit `events`; the recording stays small
// expect: limit:events
// bounds: wall=40 cpu=20 events=6000
#include "attack.h"

int main(void) {
    static char data[1 << 16];
    int pair[2];
    memset(data, 'x', sizeof data);
    if (pipe(pair)) return 1;
    while (write(pair[1], data, sizeof data) > 0 && read(pair[0], data, sizeof data) > 0) { }
}
