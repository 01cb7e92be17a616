/* Wants to have the last word before SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void last_word(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: ignore\n");
        return 2;
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, last_word);
    for (;;)
        pause();
}
