/* server PORT: a TCP echo server, a thread for every client. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    char data[65536];
    ssize_t size;
    while ((size = recv(client, data, sizeof data - 1, 0)) > 0) {
        data[size] = '\0';
        size = (ssize_t)strlen(data);
        for (ssize_t sent = 0, part; sent < size; sent += part)
            if ((part = send(client, data + sent, size - sent, MSG_NOSIGNAL)) == -1)
                goto gone; /* the client broke off: only it is gone */
    }
gone:
    close(client);
    return NULL;
}

static void *accept_all(void *argument)
{
    int listener = (int)(intptr_t)argument;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client == -1 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (client == -1)
            fail("accept");
        pthread_t thread;
        if ((errno = pthread_create(&thread, NULL, serve, (void *)(intptr_t)client)) != 0)
            fail("pthread_create");
        pthread_detach(thread);
    }
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : -1;
    if (port == -1) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);

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
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener)) != 0)
        fail("pthread_create");
    int signal_number;
    sigwait(&term, &signal_number);
    _exit(0);
}
