/* Its main thread waits for SIGUSR1 in read, another thread, which could handle it as well, in
 * pause. Prints which one did, and the si_code of the signal. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ends[2];
static volatile sig_atomic_t code;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    code = info->si_code;
    char who = syscall(SYS_gettid) == getpid() ? 'm' : 'o';
    if (write(ends[1], &who, 1) != 1)
        _exit(1);
}

static void *other(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(void)
{
    pthread_t thread;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    if (pipe(ends) == -1 || sigaction(SIGUSR1, &action, NULL) == -1)
        return 1;
    if (pthread_create(&thread, NULL, other, NULL) != 0)
        return 1;
    char who;
    if (read(ends[0], &who, 1) != 1)
        return 1;
    printf("%s %d\n", who == 'm' ? "main" : "other", (int)code);
    return 0;
}
