// threat: Blind the observer
// attack: a thread that rewrites what another's calls point to
// happens: what is recorded may be what it wrote a moment later; it can't make an event that did not happen
// sees: pipe.write
// stopped: no
#include "attack.h"

static char text[64] = "first";
static volatile char stop;

static void *rewrite(void *unused) {
    while (!stop) {
        memcpy(text, "other", 5);
        memcpy(text, "first", 5);
    }
    return 0;
}

int main(void) {
    pthread_t thread;
    int pair[2];
    char got[64];
    if (pipe(pair)) return 1;
    pthread_create(&thread, 0, rewrite, 0);
    for (int i = 0; i < 20; i++) {
        if (write(pair[1], text, 5) != 5 || read(pair[0], got, 5) != 5) return 1;
    }
    stop = 1;
    pthread_join(thread, 0);
    return held();
}
