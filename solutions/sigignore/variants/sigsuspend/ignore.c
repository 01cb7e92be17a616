/* ignore with signal and sigsuspend. */
#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "%s takes no argument\n", *argv);
        return 2;
    }
    if (signal(SIGINT, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return 1;
    }
    sigset_t none;
    sigemptyset(&none);
    while (sigsuspend(&none))
        ;
}
