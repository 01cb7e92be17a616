// threat: Attack the grader
// attack: calls whose counts and lengths say terabytes, over memory that is really there
// happens: no more is read of it than an event may hold
// expect: finished
// bounds: wall=40 cpu=20
#include "attack.h"

#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/select.h>

int main(void) {
    size_t most = 1UL << 36;
    char *all = mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int pair[2], ends[2], queue = msgget(IPC_PRIVATE, 0600), set = semget(IPC_PRIVATE, 1, 0600);
    if (all == MAP_FAILED || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) || pipe(ends)) return 1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    unsigned long sizes[] = {1UL << 20, 0x7fffffffUL, 0xffffffffUL, 1UL << 35, 1UL << 40, ~0UL};
    for (int i = 0; i < 6; i++) {
        unsigned long size = sizes[i];
        struct msghdr message = {.msg_iov = (void *)all, .msg_iovlen = size, .msg_control = all, .msg_controllen = size};
        memcpy(all + (1 << 20), &message, sizeof message);
        syscall(SYS_poll, all, size, 0);
        syscall(SYS_ppoll, all, size, all, 0, 8);
        syscall(SYS_select, size, all, all, all, all);
        syscall(SYS_readv, ends[0], all, size);
        syscall(SYS_writev, ends[1], all, size);
        syscall(SYS_write, ends[1], all, size);
        syscall(SYS_sendto, pair[0], all, size, MSG_DONTWAIT, all, size);
        syscall(SYS_sendmsg, pair[0], all + (1 << 20), MSG_DONTWAIT);
        syscall(SYS_recvmsg, pair[0], all + (1 << 20), MSG_DONTWAIT);
        syscall(SYS_sendmmsg, pair[0], all + (1 << 20), size, MSG_DONTWAIT);
        syscall(SYS_recvmmsg, pair[0], all + (1 << 20), size, MSG_DONTWAIT, 0);
        syscall(SYS_msgsnd, queue, all, size, IPC_NOWAIT);
        syscall(SYS_msgrcv, queue, all, size, 0, IPC_NOWAIT);
        syscall(SYS_semop, set, all, size);
        syscall(SYS_semctl, set, size, 17, all); // SETALL
        syscall(SYS_mq_open, all, O_CREAT | O_RDWR, 0600, all);
        syscall(SYS_setsockopt, pair[0], SOL_SOCKET, SO_SNDTIMEO, all, size);
        syscall(SYS_connect, pair[0], all, size);
        syscall(SYS_rt_sigaction, 10, all, all, size);
        syscall(SYS_futex, all, 0, 1, all, all, 0);
        syscall(SYS_epoll_wait, 3, all, size, 0);
        syscall(SYS_vmsplice, ends[1], all, size, SPLICE_F_NONBLOCK);
    }
    msgctl(queue, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
    return held();
}
