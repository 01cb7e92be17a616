/* Sleeps, and waits for descriptors, one group a run: the first argument says which. */
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define JUNK 0x5a5a5a5a00000000L

static void sleeps(void)
{
    struct timespec moment = {0, 2500000};
    nanosleep(&moment, 0);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, 0);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, 0);
    struct timespec soon;
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += (soon.tv_nsec + 20000000) / 1000000000;
    soon.tv_nsec = (soon.tv_nsec + 20000000) % 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &soon, 0);
    syscall(SYS_nanosleep, 8, 0); /* EFAULT */
    poll(0, 0, 3);
    struct timeval part = {0, 4000};
    select(0, 0, 0, 0, &part);
    sched_yield();
}

/* Pipe a is empty, pipe b holds a byte. */
static int a[2], b[2];

static void polls(void)
{
    struct pollfd both[] = {{a[0], POLLIN, 0}, {-1, POLLIN, 0}, {b[0], POLLIN, 0}};
    poll(both, 1, 0);
    poll(both, 3, -1);
    struct timespec limit = {1, 500000000};
    ppoll(both, 3, &limit, 0);
    syscall(SYS_ppoll, both, JUNK | 1, &(struct timespec){0, 0}, 0, 8);
    syscall(SYS_ppoll, 8, 1, 0, 0, 8); /* EFAULT */
}

static void selects(void)
{
    fd_set reads, writes;
    FD_ZERO(&reads);
    FD_SET(a[0], &reads);
    struct timeval none = {0, 0};
    select(a[0] + 1, &reads, 0, 0, &none);
    FD_ZERO(&writes);
    FD_SET(b[0], &reads);
    FD_SET(a[0], &reads);
    FD_SET(a[1], &writes);
    select(64, &reads, &writes, 0, 0);
    struct timespec limit = {2, 0};
    FD_SET(a[0], &reads);
    pselect(64, &reads, 0, 0, &limit, 0);
}

static void epolls(void)
{
    int fd = epoll_create1(0);
    struct epoll_event first = {EPOLLIN, {.u64 = 0xfedcba9876543210}}, second = {EPOLLIN, {.u64 = 7}};
    epoll_ctl(fd, EPOLL_CTL_ADD, a[0], &first);
    struct epoll_event found[4];
    epoll_wait(fd, found, 4, 0);
    epoll_ctl(fd, EPOLL_CTL_ADD, b[0], &second);
    epoll_wait(fd, found, 4, -1);
    write(a[1], "x", 1);
    epoll_pwait(fd, found, 4, 1000, 0);
    epoll_wait(a[0], found, 4, 0); /* EINVAL */
}

int main(int argc, char **argv)
{
    struct { const char *name; void (*run)(void); } groups[] = {
        {"sleeps", sleeps}, {"polls", polls}, {"selects", selects}, {"epolls", epolls},
    };
    pipe(a);
    pipe(b);
    write(b[1], "x", 1);
    for (unsigned i = 0; argc > 1 && i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(argv[1], groups[i].name))
            groups[i].run();
    return 0;
}
