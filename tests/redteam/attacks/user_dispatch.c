// threat: Blind the observer
// attack: Syscall User Dispatch: has the kernel hand its calls to a handler, which makes some of them
// happens: those that are made are seen
// sees: pipe.write pipe.read
#include "attack.h"

static char blocked;
static long handled;

static void on_call(int number, siginfo_t *info, void *context) {
    (void)number, (void)info, (void)context;
    blocked = 0;
    handled++;
}

int main(void) {
    int ends[2];
    char byte;
    if (pipe(ends)) return 1;
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    if (prctl(59, 1, 0L, 0L, &blocked) == 0) { // PR_SET_SYSCALL_USER_DISPATCH
        blocked = 1;
        syscall(SYS_write, ends[1], "lost", 4);
        blocked = 0;
        prctl(59, 0, 0L, 0L, 0L);
    }
    if (write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1 || byte != 'x') return 1;
    return held();
}
