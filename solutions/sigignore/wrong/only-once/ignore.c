/* Ignores SIGINT only while it prepares. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: ignore\n");
        return 2;
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGINT, SIG_DFL);
    for (;;)
        pause();
}
