/* Groups of calls on sockets; the first argument names the group. A second argument names a path
 * for the sockets of the groups "stream" and "datagram". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0xdead00000000L

static char text[4096];
static struct sockaddr_in loopback = {.sin_family = AF_INET};
static socklen_t size = sizeof loopback;

static int bound(int type)
{
    int made = socket(AF_INET, type, 0), on = 1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    loopback.sin_port = 0;
    bind(made, (struct sockaddr *)&loopback, sizeof loopback);
    getsockname(made, (struct sockaddr *)&loopback, &size);
    return made;
}

static int connected(void)
{
    int made = socket(AF_INET, SOCK_STREAM, 0);
    connect(made, (struct sockaddr *)&loopback, sizeof loopback);
    return made;
}

static void all(int from)
{
    while (recv(from, text, sizeof text, 0) > 0)
        ;
}

/* An echo server for one client that shuts down its sending side. */
static void echo(void)
{
    int server = bound(SOCK_STREAM);
    listen(server, 5);
    if (fork() == 0) {
        close(server);
        int client = connected();
        send(client, "hello", 5, MSG_NOSIGNAL);
        shutdown(client, SHUT_WR);
        all(client);
        _exit(0);
    }
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int client = accept4(server, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    ssize_t got;
    while ((got = recv(client, text, sizeof text, 0)) > 0)
        write(client, text, got);
    close(client);
    wait(0);
}

/* The client breaks off with RST: the server reads an error. */
static void reset(void)
{
    int server = bound(SOCK_STREAM);
    listen(server, 5);
    int client = connected(), there = accept(server, 0, 0);
    struct linger abort = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    close(client);
    recv(there, text, sizeof text, 0);
    send(there, "y", 1, MSG_NOSIGNAL);
}

/* Three clients of one server, accepted in turn; the second one without blocking. */
static void crowd(void)
{
    int server = bound(SOCK_STREAM);
    listen(server, 5);
    for (int i = 0; i < 3; i++) {
        int client = socket(AF_INET, SOCK_STREAM | (i == 1 ? SOCK_NONBLOCK : 0), 0);
        connect(client, (struct sockaddr *)&loopback, sizeof loopback);
        int there = accept(server, 0, 0);
        write(there, "0123456789", i + 1);
        fcntl(client, F_SETFL, 0);
        read(client, text, sizeof text);
    }
}

static void errors(void)
{
    int server = bound(SOCK_STREAM);
    struct sockaddr_in nobody = loopback;
    connected(); /* bound, but not listening */
    listen(server, 5);
    int second = socket(AF_INET, SOCK_STREAM, 0);
    bind(second, (struct sockaddr *)&nobody, sizeof nobody);
    recv(second, text, sizeof text, 0);
    send(second, "x", 1, MSG_NOSIGNAL);
    shutdown(second, SHUT_RDWR);
    fcntl(server, F_SETFL, O_NONBLOCK);
    accept(server, 0, 0);
    bind(second, (struct sockaddr *)8, 16); /* no address at all */
    socket(77, SOCK_STREAM, 0);
    socketpair(AF_INET, SOCK_STREAM, 0, (int *)text);
}

static void internet6(void)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
    socklen_t length = sizeof any;
    int server = socket(AF_INET6, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&any, sizeof any);
    listen(server, 1);
    getsockname(server, (struct sockaddr *)&any, &length);
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    loopback.sin_port = any.sin6_port;
    connected(); /* an IPv4 client of an IPv6 server */
    accept(server, 0, 0);
}

/* A request and its answer; the client has no address of its own until it sends. */
static void datagrams(void)
{
    int server = bound(SOCK_DGRAM);
    if (fork() == 0) {
        int client = socket(AF_INET, SOCK_DGRAM, 0);
        sendto(client, "ask", 3, 0, (struct sockaddr *)&loopback, sizeof loopback);
        recv(client, text, sizeof text, 0);
        connect(client, (struct sockaddr *)&loopback, sizeof loopback);
        send(client, "", 0, 0);
        recv(client, text, 2, 0);
        _exit(0);
    }
    struct sockaddr_in peer;
    for (int i = 0; i < 2; i++) {
        socklen_t length = sizeof peer;
        recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&peer, &length);
        sendto(server, "answer", 6, 0, (struct sockaddr *)&peer, length);
    }
    wait(0);
}

static struct sockaddr_un place;

static socklen_t named(const char *name)
{
    place.sun_family = AF_UNIX;
    strncpy(place.sun_path, name, sizeof place.sun_path - 1);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
    if (name[0] == '@')
        place.sun_path[0] = 0;
    return length;
}

/* A UNIX server, its client connects before the server accepts. */
static void stream(const char *name)
{
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t length = named(name);
    bind(server, (struct sockaddr *)&place, length);
    listen(server, 5);
    if (fork() == 0) {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        connect(client, (struct sockaddr *)&place, length);
        send(client, "hello", 5, 0);
        _exit(0);
    }
    waitpid(-1, 0, 0);
    int client = accept(server, 0, 0);
    all(client);
}

static void datagram(const char *name)
{
    int server = socket(AF_UNIX, SOCK_DGRAM, 0);
    socklen_t length = named(name);
    bind(server, (struct sockaddr *)&place, length);
    int client = socket(AF_UNIX, SOCK_DGRAM, 0);
    sendto(client, "one", 3, 0, (struct sockaddr *)&place, length);
    recv(server, text, sizeof text, MSG_PEEK);
    recv(server, text, sizeof text, 0);
}

static void pair(void)
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) {
        close(ends[0]);
        write(ends[1], "from the child", 14);
        read(ends[1], text, sizeof text);
        read(ends[1], text, sizeof text);
        _exit(0);
    }
    close(ends[1]);
    read(ends[0], text, sizeof text);
    write(ends[0], "back", 4);
    close(ends[0]);
    wait(0);
}

static ssize_t pass(int to, const int *fds, int count)
{
    char control[64] = "";
    struct iovec part = {"!", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    return sendmsg(to, &message, 0);
}

static int taken(int from)
{
    char control[64];
    struct iovec part = {text, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = sizeof control;
    recvmsg(from, &message, 0);
    int found;
    memcpy(&found, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof found);
    return found;
}

/* The read end of a pipe goes through a socket to the child, which reads from it. */
static void rights(void)
{
    int ends[2], channel[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        int passed = taken(ends[1]);
        read(passed, text, sizeof text);
        _exit(0);
    }
    if (pipe(channel) == 0) {
        pass(ends[0], channel, 1);
        close(channel[0]);
        write(channel[1], "through", 7);
    }
    wait(0);
}

/* The parent takes the write end of a pipe out of its child; 77 where that is not allowed. */
static int borrow(void)
{
    int ends[2], channel[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    pid_t child = fork();
    if (child == 0) {
        if (pipe(channel) == 0)
            write(ends[1], channel, sizeof channel);
        read(ends[1], text, 1);
        _exit(0);
    }
    read(ends[0], channel, sizeof channel);
    int process = syscall(SYS_pidfd_open, child, 0);
    int own = syscall(SYS_pidfd_getfd, process, JUNK | channel[1], 0);
    write(own, "borrowed", 8);
    shutdown(ends[0], SHUT_RDWR);
    wait(0);
    return own < 0 ? 77 : 0;
}

/* Several messages with one call, cut off ones, vectored and kernel-side transfers. */
static void many(void)
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    struct iovec parts[2] = {{"ab", 2}, {"cde", 3}}, into[2] = {{text, 2}, {text + 2, 2}};
    struct mmsghdr out[2] = {{{.msg_iov = parts, .msg_iovlen = 2}, 0},
                             {{.msg_iov = parts, .msg_iovlen = 1}, 0}};
    struct mmsghdr in[3] = {{{.msg_iov = into, .msg_iovlen = 2}, 0},
                            {{.msg_iov = into, .msg_iovlen = 2}, 0},
                            {{.msg_iov = into, .msg_iovlen = 2}, 0}};
    sendmmsg(ends[0], out, 2, 0);
    recvmmsg(ends[1], in, 3, MSG_WAITFORONE, 0);
    writev(ends[0], parts, 2);
    readv(ends[1], parts, 0);
    read(ends[1], text, sizeof text);
    int channel[2];
    if (pipe(channel) == 0) {
        write(ends[0], "spliced", 7);
        splice(ends[1], 0, channel[1], 0, 100, 0);
    }
    int file = memfd_create("letter", 0);
    write(file, "from a file", 11);
    off_t from = 5;
    sendfile(ends[0], file, &from, 6);
}

/* The upper half of an int's register means nothing to the kernel. */
static void junk(void)
{
    int ends[2];
    syscall(SYS_socketpair, JUNK | AF_UNIX, JUNK | SOCK_SEQPACKET, JUNK, ends);
    syscall(SYS_sendto, JUNK | ends[0], "hi", 2L, JUNK | MSG_EOR, 0L, 0L);
    syscall(SYS_recvfrom, JUNK | ends[1], text, 10L, JUNK | MSG_DONTWAIT | 0x80000, 0L, 0L);
    syscall(SYS_shutdown, JUNK | ends[0], JUNK | SHUT_WR);
    syscall(SYS_recvfrom, JUNK | ends[1], text, 10L, JUNK, 0L, 0L);
    int made = syscall(SYS_socket, JUNK | AF_INET, JUNK | SOCK_STREAM | SOCK_CLOEXEC, JUNK);
    int on = 1;
    syscall(SYS_setsockopt, JUNK | made, JUNK | SOL_SOCKET, JUNK | SO_REUSEADDR, &on, JUNK | 4);
    syscall(SYS_listen, JUNK | made, JUNK | 3);
}

int main(int count, char **words)
{
    const char *group = words[1], *name = count > 2 ? words[2] : "";
    if (!strcmp(group, "echo")) echo();
    if (!strcmp(group, "reset")) reset();
    if (!strcmp(group, "crowd")) crowd();
    if (!strcmp(group, "errors")) errors();
    if (!strcmp(group, "internet6")) internet6();
    if (!strcmp(group, "datagrams")) datagrams();
    if (!strcmp(group, "stream")) stream(name);
    if (!strcmp(group, "datagram")) datagram(name);
    if (!strcmp(group, "pair")) pair();
    if (!strcmp(group, "rights")) rights();
    if (!strcmp(group, "borrow")) return borrow();
    if (!strcmp(group, "many")) many();
    if (!strcmp(group, "junk")) junk();
    return 0;
}
