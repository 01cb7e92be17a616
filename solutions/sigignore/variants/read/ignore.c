/* ignore that waits for a byte which never comes: both ends of the pipe are its own. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return fputs("usage: ignore\n", stderr), 2;
    int ends[2];
    char byte;
    if (sigignore(SIGINT) == -1) {
        perror("sigignore");
        return 1;
    }
    if (pipe(ends) == -1) {
        perror("pipe");
        return 1;
    }
    return read(ends[0], &byte, 1) == -1;
}
