/* Has never heard of argc. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void catch(int number)
{
    (void)number;
    write(1, "Catch SIGINT!\n", 14);
    _exit(0);
}

int main(void)
{
    signal(SIGINT, catch);
    for (;;)
        pause();
}
