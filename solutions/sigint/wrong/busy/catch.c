/* Asks its flag as fast as it can. */
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
        ;
    printf("Catch SIGINT!\n");
    return 0;
}
