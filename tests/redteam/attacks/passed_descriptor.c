// threat: Blind the observer
// attack: a pipe end sent over a socket (SCM_RIGHTS), used under another number
// happens: the same pipe
// sees: pipe.write pipe.read
#include "attack.h"

int main(void) {
    int ends[2], pair[2];
    char text[8];
    if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 1;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
    if (sendmsg(pair[0], &message, 0) != 1) return 1;
    close(ends[1]);
    if (fork() == 0) {
        char got[1];
        struct iovec here = {got, 1};
        message.msg_iov = &here;
        if (recvmsg(pair[1], &message, 0) != 1) _exit(1);
        int fd;
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
        _exit(write(fd, "hello", 5) != 5);
    }
    wait(0);
    return read(ends[0], text, 5) == 5 ? held() : 1;
}
