/* server PORT: a TCP echo server, one process, nothing blocks but epoll_wait. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    int socket;
    size_t start, size;
    char data[16384];
};

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

/* Sends what is there, receives if nothing is; false when the client has ended. */
static int serve(struct client *client)
{
    if (client->size == 0) {
        ssize_t got = recv(client->socket, client->data, sizeof client->data, 0);
        if (got == -1)
            return errno == EAGAIN;
        if (got == 0)
            return 0;
        client->start = 0;
        client->size = got;
    }
    ssize_t sent = send(client->socket, client->data + client->start, client->size, MSG_NOSIGNAL);
    if (sent == -1)
        return errno == EAGAIN;
    client->start += sent;
    client->size -= sent;
    return 1;
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
    if (listen(listener, SOMAXCONN) == -1)
        fail("listen");
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    int ends = signalfd(-1, &term, SFD_CLOEXEC), all = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &ends};
    if (epoll_ctl(all, EPOLL_CTL_ADD, ends, &event) == -1)
        fail("epoll_ctl");
    event.data.ptr = &listener;
    if (epoll_ctl(all, EPOLL_CTL_ADD, listener, &event) == -1)
        fail("epoll_ctl");

    for (;;) {
        if (epoll_wait(all, &event, 1, -1) == -1) {
            if (errno == EINTR)
                continue;
            fail("epoll_wait");
        }
        if (event.data.ptr == &ends)
            return 0;
        if (event.data.ptr == &listener) {
            int new = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (new == -1)
                continue;
            struct client *client = calloc(1, sizeof *client);
            if (client == NULL)
                fail("calloc");
            client->socket = new;
            event = (struct epoll_event){.events = EPOLLIN, .data.ptr = client};
            if (epoll_ctl(all, EPOLL_CTL_ADD, new, &event) == -1)
                fail("epoll_ctl");
            continue;
        }
        struct client *client = event.data.ptr;
        if (serve(client)) {
            event.events = client->size > 0 ? EPOLLOUT : EPOLLIN;
            if (epoll_ctl(all, EPOLL_CTL_MOD, client->socket, &event) == -1)
                fail("epoll_ctl");
        } else {
            close(client->socket);
            free(client);
        }
    }
}
