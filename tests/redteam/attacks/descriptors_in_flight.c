// threat: Exhaust
// attack: descriptors in flight, in nobody's table
// happens: as many as one process may have open
// expect: finished limit:descriptors
#include "attack.h"

int main(void) {
    int pair[2], sent = 0;
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    for (; sent < 100000; sent++) {
        char control[CMSG_SPACE(sizeof(int))] = {0};
        struct iovec byte = {"x", 1};
        struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
        if (sendmsg(pair[1], &message, MSG_DONTWAIT) < 0) break;
    }
    if (sent > 5000) BREACH("%d descriptors", sent);
    return held();
}
