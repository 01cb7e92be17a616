/* catch with the self-pipe trick: the handler writes a byte, poll and read wait for it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];

static void wake(int number)
{
    int saved = errno;
    char byte = (char)number;
    if (write(ends[1], &byte, 1) == -1)
        errno = saved; /* full: a byte is there already */
    errno = saved;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }
    if (pipe2(ends, O_NONBLOCK) == -1) {
        perror("pipe2");
        return 1;
    }
    if (signal(SIGINT, wake) == SIG_ERR) {
        perror("signal");
        return 1;
    }
    struct pollfd wait = {.fd = ends[0], .events = POLLIN};
    while (poll(&wait, 1, -1) == -1)
        if (errno != EINTR) {
            perror("poll");
            return 1;
        }
    write(STDOUT_FILENO, "Catch ", 6);
    write(STDOUT_FILENO, "SIGINT!\n", 8);
    return 0;
}
