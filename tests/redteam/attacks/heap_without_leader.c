// threat: Exhaust
// attack: memory: of a thread whose main thread has exited
// happens: limit `memory`
// expect: limit:memory
// bounds: memory=32
#include "attack.h"

static void *eat(void *leader) {
    pthread_join(*(pthread_t *)leader, 0);
    for (;;) {
        char *more = malloc(1 << 20);
        if (more) memset(more, 1, 1 << 20);
        usleep(1000);
    }
}

int main(void) {
    static pthread_t leader;
    pthread_t thread;
    leader = pthread_self();
    pthread_create(&thread, 0, eat, &leader);
    pthread_exit(0);
}
