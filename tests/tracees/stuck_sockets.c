/* One way to be stuck for each kind of socket: the first argument says which. With a second
 * argument "helper" a child ends the wait, with "timeout" the socket's own time limit does. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in place = {.sin_family = AF_INET};
static struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0gate"};
static const socklen_t name_size = offsetof(struct sockaddr_un, sun_path) + 5;
static struct timespec soon = {0, 50 * 1000 * 1000};
static char text[1 << 16];
static int ends[2], server, helped, limited;

static void limit(int fd)
{
    struct timeval time = {0, 50 * 1000};
    if (limited) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    }
}

static int bound(int type)
{
    server = socket(AF_INET, type, 0);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place.sin_port = htons(8080);
    bind(server, (struct sockaddr *)&place, sizeof place);
    return server;
}

static int connected(int fd)
{
    connect(fd, (struct sockaddr *)&place, sizeof place);
    return fd;
}

static int help(void)
{
    if (!helped || fork() != 0)
        return 0;
    nanosleep(&soon, 0);
    return 1;
}

/* Parent and child wait for a word of each other. */
static void pair(void)
{
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    limit(ends[0]), limit(ends[1]);
    if (fork() == 0) {
        close(ends[0]);
        if (helped)
            write(ends[1], "word", 4);
        read(ends[1], text, 4);
        _exit(0);
    }
    close(ends[1]);
    read(ends[0], text, 4);
    write(ends[0], "word", 4);
    wait(0);
}

/* A reader that keeps the other end open itself never sees the end of file. */
static void itself(void)
{
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    limit(ends[0]);
    if (help()) {
        send(ends[1], "x", 1, 0);
        _exit(0);
    }
    recv(ends[0], text, 1, 0);
}

static void accepting(void)
{
    limit(bound(SOCK_STREAM));
    listen(server, 1);
    if (help()) {
        connected(socket(AF_INET, SOCK_STREAM, 0));
        _exit(0);
    }
    accept(server, 0, 0);
}

/* Client and server both wait for the other one to speak first. */
static void silent(void)
{
    limit(bound(SOCK_STREAM)); /* what it accepts has its limits, the client has none */
    listen(server, 1);
    if (fork() == 0) {
        close(server);
        int client = connected(socket(AF_INET, SOCK_STREAM, 0));
        if (helped)
            write(client, "x", 1);
        recv(client, text, 1, 0);
        _exit(0);
    }
    int client = accept(server, 0, 0);
    recv(client, text, 1, 0);
    close(client);
    wait(0);
}

/* The server waits for its client instead of accepting it. */
static void backlog(void)
{
    limit(bound(SOCK_STREAM));
    listen(server, 1);
    if (fork() == 0) {
        close(server);
        int client = socket(AF_INET, SOCK_STREAM, 0);
        limit(client);
        recv(connected(client), text, 1, 0);
        _exit(0);
    }
    if (helped)
        close(accept(server, 0, 0));
    wait(0);
}

static void datagram(void)
{
    limit(bound(SOCK_DGRAM));
    if (help()) {
        int client = socket(AF_INET, SOCK_DGRAM, 0);
        sendto(client, "x", 1, 0, (struct sockaddr *)&place, sizeof place);
        _exit(0);
    }
    recvfrom(server, text, 1, 0, 0, 0);
}

/* A second client finds the backlog full. */
static void connecting(void)
{
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&name, name_size);
    listen(server, 0);
    if (help()) {
        accept(server, 0, 0);
        nanosleep(&soon, 0);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        limit(client);
        connect(client, (struct sockaddr *)&name, name_size);
    }
}

/* The child waits for its parent to end while it is sent more than there is room for. */
static void full(void)
{
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    limit(ends[0]), limit(ends[1]);
    if (fork() == 0) {
        close(ends[0]);
        while (helped && read(ends[1], text, sizeof text) > 0)
            ;
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends + 0);
        limit(ends[0]);
        read(ends[0], text, 1);
        _exit(0);
    }
    close(ends[1]);
    for (int i = 0; i < 64 && send(ends[0], text, sizeof text, MSG_NOSIGNAL) > 0; i++)
        ;
    close(ends[0]);
    if (!helped)
        wait(0);
}

static void send_without_end(int fd)
{
    while (send(fd, text, sizeof text, MSG_NOSIGNAL) > 0)
        ;
}

/* Client and server send, and neither reads. */
static void both_full(void)
{
    bound(SOCK_STREAM);
    listen(server, 1);
    if (fork() == 0) {
        send_without_end(connected(socket(AF_INET, SOCK_STREAM, 0)));
        _exit(0);
    }
    send_without_end(accept(server, 0, 0));
}

/* TCP keeps what more is announced for, for a while: then it sends it. */
static void held_back(void)
{
    bound(SOCK_STREAM);
    listen(server, 1);
    if (fork() == 0) {
        int client = connected(socket(AF_INET, SOCK_STREAM, 0));
        send(client, "question", 8, MSG_MORE);
        recv(client, text, 6, 0);
        _exit(0);
    }
    int client = accept(server, 0, 0);
    recv(client, text, 8, 0);
    send(client, "answer", 6, 0);
    wait(0);
}

/* TCP gives up by itself on a receiver that has no room. */
static void given_up(void)
{
    int patience = 200;
    bound(SOCK_STREAM);
    listen(server, 1);
    if (fork() == 0) {
        int client = connected(socket(AF_INET, SOCK_STREAM, 0));
        setsockopt(client, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
        send_without_end(client);
        _exit(0);
    }
    int client = accept(server, 0, 0);
    wait(0);
    close(client);
}

/* poll(2) for a connection. */
static void polling(void)
{
    struct pollfd wanted = {bound(SOCK_STREAM), POLLIN, 0};
    listen(server, 1);
    if (help()) {
        connected(socket(AF_INET, SOCK_STREAM, 0));
        _exit(0);
    }
    poll(&wanted, 1, limited ? 50 : -1);
}

int main(int count, char **words)
{
    const char *way = words[1], *how = count > 2 ? words[2] : "";
    helped = !strcmp(how, "helper"), limited = !strcmp(how, "timeout");
    if (!strcmp(way, "pair")) pair();
    if (!strcmp(way, "itself")) itself();
    if (!strcmp(way, "accept")) accepting();
    if (!strcmp(way, "silent")) silent();
    if (!strcmp(way, "backlog")) backlog();
    if (!strcmp(way, "datagram")) datagram();
    if (!strcmp(way, "connect")) connecting();
    if (!strcmp(way, "full")) full();
    if (!strcmp(way, "poll")) polling();
    if (!strcmp(way, "both-full")) both_full();
    if (!strcmp(way, "held-back")) held_back();
    if (!strcmp(way, "given-up")) given_up();
    return 0;
}
