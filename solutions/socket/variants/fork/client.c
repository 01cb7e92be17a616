/* client PORT: sends stdin to the server and prints what comes back, as poll says. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
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
    char out[16384], in[16384];
    size_t start = 0, size = 0;
    int more = 1;
    for (;;) {
        struct pollfd ready[2] = {
            {.fd = more && size == 0 ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = server, .events = POLLIN | (size > 0 ? POLLOUT : 0)},
        };
        if (poll(ready, 2, -1) == -1)
            fail("poll");
        if (ready[0].revents) {
            ssize_t got = read(STDIN_FILENO, out, sizeof out);
            if (got == -1)
                fail("read");
            start = 0;
            size = got;
            if (got == 0) {
                more = 0;
                if (shutdown(server, SHUT_WR) == -1)
                    fail("shutdown");
            }
        }
        if (ready[1].revents & POLLOUT) {
            ssize_t sent = send(server, out + start, size, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent == -1 && errno != EAGAIN)
                fail("send");
            if (sent > 0) {
                start += sent;
                size -= sent;
            }
        }
        if (ready[1].revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t got = recv(server, in, sizeof in, 0);
            if (got == -1)
                fail("recv");
            if (got == 0)
                return 0;
            for (ssize_t printed = 0, part; printed < got; printed += part)
                if ((part = write(STDOUT_FILENO, in + printed, got - printed)) == -1)
                    fail("write");
        }
    }
}
