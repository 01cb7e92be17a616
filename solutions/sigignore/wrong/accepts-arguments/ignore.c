/* Ignores its arguments, too. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    signal(SIGINT, SIG_IGN);
    for (;;)
        pause();
}
