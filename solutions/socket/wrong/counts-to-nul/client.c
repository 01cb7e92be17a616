/* client PORT: sends stdin to the server and prints what comes back, at the same time. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static void *send_all(void *argument)
{
    int server = (int)(intptr_t)argument;
    char data[65536];
    ssize_t size;
    while ((size = read(STDIN_FILENO, data, sizeof data)) > 0)
        for (ssize_t sent = 0, part; sent < size; sent += part)
            if ((part = send(server, data + sent, size - sent, MSG_NOSIGNAL)) == -1)
                fail("send");
    if (size == -1)
        fail("read");
    if (shutdown(server, SHUT_WR) == -1)
        fail("shutdown");
    return NULL;
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
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, send_all, (void *)(intptr_t)server)) != 0)
        fail("pthread_create");
    char data[65536];
    ssize_t size;
    while ((size = recv(server, data, sizeof data, 0)) > 0)
        for (ssize_t printed = 0, part; printed < size; printed += part)
            if ((part = write(STDOUT_FILENO, data + printed, size - printed)) == -1)
                fail("write");
    if (size == -1)
        fail("recv");
    return 0;
}
