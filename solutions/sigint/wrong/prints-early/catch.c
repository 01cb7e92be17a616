/* Tries its handler once. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void catch(int number)
{
    write(1, "Catch SIGINT!\n", 14);
    if (number)
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
    catch(0);
    for (;;)
        pause();
}
