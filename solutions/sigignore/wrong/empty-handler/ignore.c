/* Catches SIGINT and does nothing about it. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void nothing(int number)
{
    (void)number;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: ignore\n");
        return 2;
    }
    signal(SIGINT, nothing);
    for (;;)
        pause();
}
