// threat: Reach out
// attack: detours: data that open a connection (MSG_FASTOPEN), MPTCP, SCTP, an address without a family, a device or a route of its own choice, a UDP service of the host
// happens: no network but its own `lo`
// landlock: refused
// args: {reach}
#include "attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static struct sockaddr_in at(const char *address, int port) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &place.sin_addr);
    return place;
}

static void connects(int protocol, int fast, int port) {
    struct sockaddr_in to = at("127.0.0.1", port);
    int fd = socket(AF_INET, SOCK_STREAM, protocol);
    if (fd < 0) return;
    struct iovec byte = {"x", 1};
    struct mmsghdr many[1] = {{.msg_hdr = {&to, sizeof to, &byte, 1}}};
    int through = fast == 1   ? sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&to, sizeof to) == 1
                  : fast == 2 ? sendmsg(fd, &many[0].msg_hdr, MSG_FASTOPEN) == 1
                  : fast == 3 ? sendmmsg(fd, many, 1, MSG_FASTOPEN) == 1
                              : connect(fd, (void *)&to, sizeof to) == 0;
    if (through) BREACH("protocol %d, fast %d", protocol, fast);
    close(fd);
}

static void udp_service(int port) {
    struct sockaddr_in to = at("127.0.0.1", port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (sendto(fd, "x", 1, 0, (void *)&to, sizeof to) != 1) return;
    if (connect(fd, (void *)&to, sizeof to) || send(fd, "x", 1, 0) != 1) return;
    struct pollfd refused = {fd, 0, 0}; // on a network of its own, nobody is there
    if (poll(&refused, 1, 2000) != 1) BREACH("udp %d", port);
    close(fd);
}

static void steered(int level, int option, void *value, int size) {
    int fd = socket(level == IPPROTO_IPV6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
    if (setsockopt(fd, level, option, value, size) == 0) BREACH("option %d of %d", option, level);
    close(fd);
}

static void steered_by_message(void) {
    struct sockaddr_in to = at("127.0.0.1", 9);
    struct { struct cmsghdr head; struct in_pktinfo way; } control = {{sizeof control, IPPROTO_IP, IP_PKTINFO}, {1}};
    struct iovec byte = {"x", 1};
    struct msghdr message = {&to, sizeof to, &byte, 1, &control, sizeof control};
    if (sendmsg(socket(AF_INET, SOCK_DGRAM, 0), &message, 0) == 1) BREACH("IP_PKTINFO");
}

int main(int argc, char **argv) {
    int tcp, udp, first = 1;
    if (sscanf(argv[1], "port=%d,udp=%d", &tcp, &udp) != 2) return 1;
    for (int fast = 1; fast <= 3; fast++) connects(0, fast, tcp);
    connects(262, 0, tcp); // IPPROTO_MPTCP
    connects(IPPROTO_SCTP, 0, tcp);
    struct sockaddr_in out = at("192.0.2.1", 9);
    out.sin_family = AF_UNSPEC;
    if (sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&out, sizeof out) == 1) BREACH("AF_UNSPEC");
    udp_service(udp);
    if (access("/proc/self", F_OK) == 0) return held(); // on a network of its own, no way leads out
    steered(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    steered(SOL_SOCKET, 62, &first, sizeof first); // SO_BINDTOIFINDEX
    steered(IPPROTO_IP, 50, &first, sizeof first); // IP_UNICAST_IF
    steered(IPPROTO_IP, IP_OPTIONS, "\1\203\7\4\300\0\2\1", 8); // LSRR by 192.0.2.1
    steered(IPPROTO_IPV6, 76, &first, sizeof first); // IPV6_UNICAST_IF
    steered_by_message();
    return held();
}
