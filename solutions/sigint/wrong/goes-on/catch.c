/* Prints, then waits for more. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void catch(int number)
{
    (void)number;
    write(1, "Catch SIGINT!\n", 14);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    signal(SIGINT, catch);
    for (;;)
        pause();
}
