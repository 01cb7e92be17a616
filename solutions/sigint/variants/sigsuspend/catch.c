/* catch with a flag: SIGINT is blocked except inside sigsuspend, so it cannot come in between. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t got;

static void note(int number)
{
    got = number;
}

static void must(int result, const char *call)
{
    if (result == -1) {
        perror(call);
        exit(1);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 1) {
        fprintf(stderr, "%s takes no argument\n", argv[0]);
        return 2;
    }
    sigset_t sigint, before;
    sigemptyset(&sigint);
    sigaddset(&sigint, SIGINT);
    must(sigprocmask(SIG_BLOCK, &sigint, &before), "sigprocmask");
    must(sigaction(SIGINT, &(struct sigaction){.sa_handler = note, .sa_flags = SA_RESTART}, NULL), "sigaction");
    while (!got)
        sigsuspend(&before);
    puts("Catch SIGINT!");
    return 0;
}
