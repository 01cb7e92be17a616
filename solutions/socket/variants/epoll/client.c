/* client PORT: a child sends stdin to the server, its parent prints what comes back. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *call)
{
    fprintf(stderr, "client: %s: %s\n", call, strerror(errno));
    _exit(1);
}

/* The port that a decimal number stands for, -1 if it is none. */
static int port_of(const char *number)
{
    size_t digits = strspn(number, "0123456789");
    if (digits == 0 || digits > 5 || number[digits] != '\0')
        return -1;
    int port = atoi(number);
    return port >= 1 && port <= 65535 ? port : -1;
}

static void pass(int from, int to, const char *reading, const char *writing)
{
    char data[8192];
    ssize_t size;
    while ((size = read(from, data, sizeof data)) > 0)
        for (ssize_t done = 0, part; done < size; done += part)
            if ((part = write(to, data + done, size - done)) == -1)
                fail(writing);
    if (size == -1)
        fail(reading);
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : -1;
    if (port == -1) {
        fprintf(stderr, "usage: client PORT\n");
        return 2;
    }
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (server == -1)
        fail("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(server, (struct sockaddr *)&address, sizeof address) == -1)
        fail("connect");
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child == 0) {
        pass(STDIN_FILENO, server, "read", "send");
        if (shutdown(server, SHUT_WR) == -1)
            fail("shutdown");
        _exit(0);
    }
    pass(server, STDOUT_FILENO, "recv", "write");
    kill(child, SIGTERM); /* in case the server ended first */
    waitpid(child, NULL, 0);
    return 0;
}
