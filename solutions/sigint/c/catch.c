/* catch: waits for SIGINT, prints `Catch SIGINT!` and exits 0. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All happens here, so it does not matter what the program was about to do. */
static void catch(int number)
{
    (void)number;
    static const char line[] = "Catch SIGINT!\n";
    ssize_t written = write(STDOUT_FILENO, line, sizeof line - 1);
    _exit(written == (ssize_t)sizeof line - 1 ? 0 : 1);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = catch};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1) {
        fprintf(stderr, "catch: sigaction: %s\n", strerror(errno));
        return 1;
    }
    for (;;)
        pause();
}
