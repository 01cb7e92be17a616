/* Starts an assistant and forgets it. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void catch(int number)
{
    (void)number;
    write(1, "Catch SIGINT!\n", 14);
    _exit(0);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    if (fork() > 0)
        signal(SIGINT, catch);
    for (;;)
        pause();
}
