/* printf and _exit. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void catch(int number)
{
    (void)number;
    printf("Catch SIGINT!\n");
    _exit(0);
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
