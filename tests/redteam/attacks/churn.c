// threat: Attack the grader
// attack: threads and processes that begin, exec, exit and kill each other at any moment, traced stops included
// happens: each is followed to its end
// bounds: wall=40 cpu=20
#include "attack.h"

static void *quick(void *kind) {
    if (kind) syscall(SYS_getppid);
    return NULL;
}

static void life(int turn) {
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, quick, (void *)i) == 0) pthread_detach(threads[i]);
    int ends[2];
    if (pipe(ends) == 0 && write(ends[1], "x", 1) == 1) close(ends[turn % 2]);
    if (turn % 5 == 0) execl("/bin/true", "true", NULL);
    if (turn % 5 == 1) raise(SIGKILL);
    if (turn % 5 == 2) syscall(SYS_exit, 0); // this thread only
    if (turn % 5 == 3) abort();
    _exit(0);
}

int main(void) {
    for (int turn = 0; turn < 60; turn++) {
        pid_t child = fork();
        if (child == 0) life(turn);
        if (turn % 3 == 0) kill(child, SIGSTOP), kill(child, SIGCONT);
        if (turn % 4 == 0) kill(child, SIGKILL);
        if (child > 0 && waitpid(child, NULL, 0) != child) return 1;
    }
    return held();
}
