// threat: Outlive the limit
// attack: exec from a thread that is not the leader
// happens: followed into the new program
// sees: process.exec
#include "attack.h"

static void *become(void *argv0) {
    execl(argv0, argv0, "again", (char *)0);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1) return held();
    pthread_t thread;
    pthread_create(&thread, 0, become, argv[0]);
    for (;;) pause();
}
