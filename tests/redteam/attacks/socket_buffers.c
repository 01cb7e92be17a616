// threat: Exhaust
// attack: memory: bytes in socket buffers, which no process holds
// happens: limit `memory`
// landlock: limit `descriptors`
// expect: limit:memory limit:descriptors
// bounds: wall=40 memory=64
#include "attack.h"

int main(void) {
    static char data[1 << 16];
    for (;;) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) sleep(1000);
        for (int end = 0; end < 2; end++)
            while (send(pair[end], data, sizeof data, MSG_DONTWAIT) > 0) { }
    }
}
