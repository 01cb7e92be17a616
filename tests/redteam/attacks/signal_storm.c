// threat: Attack the grader
// attack: two processes that send each other signals as fast as they can, with handlers, masks and restarted calls
// happens: limit `cpu` or `events`
// expect: limit:cpu limit:events
// bounds: wall=40 cpu=4 events=5000
#include "attack.h"

static void handler(int number) { (void)number; }

int main(void) {
    struct sigaction caught = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER};
    for (int number = 1; number < 65; number++) sigaction(number, &caught, NULL);
    pid_t other = getpid();
    pid_t child = fork();
    if (child > 0) other = child;
    for (unsigned turn = 0;; turn++) {
        int number = 1 + turn % 64;
        if (number != SIGKILL && number != SIGSTOP && number != SIGXFSZ) kill(other, number);
    }
}
