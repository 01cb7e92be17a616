/* server PORT: a TCP echo server, a process for every client. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 1000

static volatile pid_t children[MOST];

static void fail(const char *call)
{
    fprintf(stderr, "server: %s: %s\n", call, strerror(errno));
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

static void reap(int signal_number)
{
    (void)signal_number;
    int before = errno;
    pid_t gone;
    while ((gone = waitpid(-1, NULL, WNOHANG)) > 0)
        for (int i = 0; i < MOST; i++)
            if (children[i] == gone)
                children[i] = 0;
    errno = before;
}

static void end(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

static void serve(int client)
{
    char data[4096];
    ssize_t size;
    while ((size = read(client, data, sizeof data)) > 0)
        for (ssize_t sent = 0, part; sent < size; sent += part)
            if ((part = write(client, data + sent, size - sent)) == -1)
                _exit(1);
    _exit(size == 0 ? 0 : 1);
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : -1;
    if (port == -1) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener == -1)
        fail("socket");
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        fail("setsockopt");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        fail("bind");
    if (listen(listener, 64) == -1)
        fail("listen");
    sigset_t both, before;
    sigemptyset(&both);
    sigaddset(&both, SIGCHLD);
    sigaddset(&both, SIGTERM);
    struct sigaction action = {.sa_handler = reap, .sa_mask = both};
    sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = end;
    sigaction(SIGTERM, &action, NULL);

    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (client == -1)
            fail("accept");
        sigprocmask(SIG_BLOCK, &both, &before); /* the table knows each child before it can end */
        pid_t child = fork();
        if (child == -1)
            fail("fork");
        if (child == 0) {
            signal(SIGTERM, SIG_DFL);
            signal(SIGCHLD, SIG_DFL);
            sigprocmask(SIG_SETMASK, &before, NULL);
            close(listener);
            serve(client);
        }
        for (int i = 0; i < MOST; i++)
            if (children[i] == 0) {
                children[i] = child;
                break;
            }
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(client);
    }
}
