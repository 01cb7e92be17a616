/* Asks its flag, then pauses: the lost wakeup. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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
    if (!got)
        pause();
    printf("Catch SIGINT!\n");
    return 0;
}
