// threat: Exhaust
// attack: thread bomb
// happens: limit `processes`
// expect: limit:processes
#include "attack.h"

static void *linger(void *unused) {
    pause();
    return 0;
}

int main(void) {
    pthread_t thread;
    for (;;) pthread_create(&thread, 0, linger, 0);
}
