// threat: Reach out
// attack: TCP, UDP, DNS, the metadata address, raw packets, vsock, a listener and sockets of the host
// happens: no network but its own `lo`
// landlock: refused
// args: {reach}
#include "attack.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

static void tcp(const char *address, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    int error = 0;
    socklen_t size = sizeof error;
    struct pollfd done = {fd, POLLOUT, 0};
    if (connect(fd, (void *)&to, sizeof to) < 0) {
        error = errno;
        if (error == EINPROGRESS && poll(&done, 1, 3000) == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0 || error == EINPROGRESS) BREACH("tcp %s:%d", address, port);
    close(fd);
}

static void udp(const char *address) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (sendto(fd, "x", 1, 0, (void *)&to, sizeof to) == 1) BREACH("sendto %s", address);
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &byte, .msg_iovlen = 1};
    if (sendmsg(fd, &message, 0) == 1) BREACH("sendmsg %s", address);
    struct mmsghdr many[1] = {{.msg_hdr = message}};
    if (sendmmsg(fd, many, 1, 0) == 1) BREACH("sendmmsg %s", address);
    if (connect(fd, (void *)&to, sizeof to) == 0 && send(fd, "x", 1, 0) == 1) BREACH("connect %s", address);
    close(fd);
}

static void unix_socket(const char *name, int abstract) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + abstract, name, sizeof to.sun_path - 2);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t size = sizeof(sa_family_t) + abstract + strlen(name) + !abstract;
    if (connect(fd, (void *)&to, size) == 0) BREACH("unix %s", name);
    close(fd);
}

int main(int argc, char **argv) {
    int port;
    char name[64], path[96];
    if (sscanf(argv[1], "port=%d,udp=%*d,abstract=%63[^,],path=%95s", &port, name, path) != 3) return 1;
    tcp("127.0.0.1", port);
    tcp("1.1.1.1", 80);
    tcp("169.254.169.254", 80);
    udp("1.1.1.1");
    udp("169.254.169.254");
    struct addrinfo *found;
    if (getaddrinfo("example.com", "80", 0, &found) == 0) BREACH("dns");
    unix_socket(name, 1);
    unix_socket(path, 0);
    unix_socket("/run/docker.sock", 0);
    unix_socket("/run/systemd/private", 0);
    MUST_FAIL(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    MUST_FAIL(socket(AF_PACKET, SOCK_RAW, 0));
    MUST_FAIL(socket(AF_VSOCK, SOCK_STREAM, 0));
    MUST_FAIL(socket(38, SOCK_SEQPACKET, 0));
    return held();
}
