// threat: Attack the grader
// attack: every signal there is to PID 1, thousands of times
// happens: it goes on reaping orphans and starting programs
// landlock: refused
// others: 2
#include "attack.h"

int main(void) {
    pid_t init = getppid();
    for (int times = 0; times < 50; times++)
        for (int number = 1; number <= 64; number++) kill(init, number);
    // an orphan is handed to PID 1, which must still be there
    int pipe_fds[2];
    char byte;
    if (pipe(pipe_fds)) return 1;
    if (fork() == 0) {
        if (fork() == 0) {
            while (getppid() != init && getppid() != 0) sched_yield();
            _exit(write(pipe_fds[1], "x", 1) != 1);
        }
        _exit(0);
    }
    wait(NULL);
    if (read(pipe_fds[0], &byte, 1) != 1) return 1;
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0) { }
    return held();
}
