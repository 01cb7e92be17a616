/* Waits for SIGINT: with sigsuspend as it should be, or (-DLOSES) with a gap before pause. */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void handler(int number) { (void)number; got = 1; }

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGINT, &action, NULL);
#ifdef LOSES
    while (!got)
        pause();
#else
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    while (!got)
        sigsuspend(&before);
#endif
    return 0;
}
