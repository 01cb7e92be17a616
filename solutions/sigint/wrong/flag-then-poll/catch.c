/* poll instead of pause, and the same gap before it. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t got;

static void note(int number)
{
    got = number;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    signal(SIGINT, note);
    while (!got)
        poll(NULL, 0, -1);
    printf("Catch SIGINT!\n");
    return 0;
}
