/* Spins. */
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
    for (volatile int turn = 0;; turn = !turn)
        ;
}
