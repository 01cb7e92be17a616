/* ignore: ignores SIGINT and waits until another signal, SIGTERM say, ends it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: ignore\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1) {
        fprintf(stderr, "ignore: sigaction: %s\n", strerror(errno));
        return 1;
    }
    for (;;)
        pause();
}
