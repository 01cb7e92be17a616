/* One way to wait for a signal, a child or a descriptor: the first argument says which. The second
 * says what ends the wait ("timer", "helper"), so that it is not for ever. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;
static int a[2], b[2];
static sigset_t alarms, none;
static struct timespec soon = {0, 50 * 1000 * 1000};

static void handle(int number) { (void)number; caught++; }

static void install(int number)
{
    struct sigaction action = {.sa_handler = handle};
    sigaction(number, &action, 0);
}

static void in_pause(void)
{
    sigprocmask(SIG_SETMASK, &alarms, 0);
    while (!caught)
        sigsuspend(&none);
}
static void plain_pause(void) { pause(); }
static void in_sigwait(void)
{
    int got;
    sigprocmask(SIG_BLOCK, &alarms, 0);
    sigwait(&alarms, &got);
}
static void in_signalfd(void)
{
    struct signalfd_siginfo info;
    sigprocmask(SIG_BLOCK, &alarms, 0);
    read(signalfd(-1, &alarms, 0), &info, sizeof info);
}
static void in_poll(void)
{
    struct pollfd both[] = {{a[0], POLLIN, 0}, {b[0], POLLIN, 0}};
    poll(both, 2, -1);
}
static void in_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(a[0], &set);
    select(a[0] + 1, &set, 0, 0, 0);
}
static void in_epoll(void)
{
    int fd = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.fd = a[0]}};
    epoll_ctl(fd, EPOLL_CTL_ADD, a[0], &event);
    epoll_wait(fd, &event, 1, -1);
}
static void in_nested_epoll(void)
{
    int inner = epoll_create1(0), outer = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.fd = a[0]}};
    epoll_ctl(inner, EPOLL_CTL_ADD, a[0], &event);
    epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event);
    epoll_wait(outer, &event, 1, -1);
}
static void in_timerfd(void)
{
    unsigned long times;
    read(timerfd_create(CLOCK_MONOTONIC, 0), &times, sizeof times);
}

/* The child stops; we wait for its end only. */
static void for_stopped(void)
{
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(child, 0, 0);
}
/* the grandchild becomes a child when its parent ends; both wait for the other */
static void for_orphan(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (fork() == 0) {
        if (fork() == 0)
            pause();
        _exit(0);
    }
}

/* of two children, only the one that its pidfd names */
static void for_one_of_two(void)
{
    siginfo_t info;
    int child = fork();
    if (child == 0 || fork() == 0)
        pause();
    waitid(3 /* P_PIDFD */, syscall(SYS_pidfd_open, child, 0), &info, WEXITED);
}

static void for_vfork(void)
{
    if (vfork() == 0) {
        pause();
        _exit(0);
    }
}
static void for_pidfd(void)
{
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    struct pollfd ends = {syscall(SYS_pidfd_open, child, 0), POLLIN, 0};
    poll(&ends, 1, -1);
}

/* The thread that is left opens a pipe when the first one has gone. */
static void *left_alone(void *first)
{
    char byte;
    pthread_join(*(pthread_t *)first, 0);
    pipe(a);
    write(a[1], "x", 1);
    read(a[0], &byte, 1);
    read(a[0], &byte, 1);
    return 0;
}
static void without_first(void)
{
    static pthread_t first;
    pthread_t other;
    first = pthread_self();
    pthread_create(&other, 0, left_alone, &first);
    pthread_exit(0);
}

/* The alarm has come and was caught: nothing else will. */
static void after_alarm(void)
{
    struct itimerval once = {{0, 0}, {0, 1000}};
    setitimer(ITIMER_REAL, &once, 0);
    while (!caught)
        ;
    pause();
}
/* The alarm is blocked: it cannot end the wait. */
static void blocked_alarm(void)
{
    sigprocmask(SIG_BLOCK, &alarms, 0);
    struct itimerval once = {{0, 0}, {0, 1000}};
    setitimer(ITIMER_REAL, &once, 0);
    pause();
}
/* Someone's SIGALRM is not the alarm, which is still to come. */
static void other_alarm(void)
{
    struct itimerval once = {{0, 0}, {0, 300 * 1000}};
    setitimer(ITIMER_REAL, &once, 0);
    raise(SIGALRM);
    sigprocmask(SIG_SETMASK, &alarms, 0);
    while (caught < 2)
        sigsuspend(&none);
}
/* Alarms survive an exec. */
static void over_exec(void)
{
    struct itimerval once = {{0, 0}, {0, 100 * 1000}};
    setitimer(ITIMER_REAL, &once, 0);
    execl("/proc/self/exe", "prog", "sleep-on", (char *)0);
}
static void sleep_on(void)
{
    signal(SIGALRM, SIG_DFL);
    pause();
}
static void limited(void)
{
    struct pollfd first = {a[0], POLLIN, 0};
    poll(&first, 1, 50);
    sigprocmask(SIG_BLOCK, &alarms, 0);
    sigtimedwait(&alarms, 0, &soon);
    nanosleep(&soon, 0);
}
static void by_timerfd(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec once = {{0, 0}, soon};
    timerfd_settime(fd, 0, &once, 0);
    struct pollfd both[] = {{a[0], POLLIN, 0}, {fd, POLLIN, 0}};
    poll(both, 2, -1);
}
static void by_posix_timer(void)
{
    timer_t timer;
    struct itimerspec once = {{0, 0}, soon};
    timer_create(CLOCK_MONOTONIC, 0, &timer);
    timer_settime(timer, 0, &once, 0);
    sigprocmask(SIG_SETMASK, &alarms, 0);
    while (!caught)
        sigsuspend(&none);
}

static void help(const char *how)
{
    if (!strcmp(how, "timer")) {
        struct itimerval once = {{0, 0}, {0, 100 * 1000}};
        setitimer(ITIMER_REAL, &once, 0);
    } else if (!strcmp(how, "helper") && fork() == 0) {
        nanosleep(&soon, 0);
        write(a[1], "x", 1);
        kill(getppid(), SIGALRM);
        _exit(0);
    }
}

int main(int argc, char **argv)
{
    struct { const char *name; void (*run)(void); } ways[] = {
        {"suspend", in_pause}, {"pause", plain_pause}, {"sigwait", in_sigwait},
        {"signalfd", in_signalfd}, {"poll", in_poll}, {"select", in_select},
        {"epoll", in_epoll}, {"nested-epoll", in_nested_epoll},
        {"timerfd", in_timerfd}, {"stopped", for_stopped},
        {"vfork", for_vfork}, {"pidfd", for_pidfd}, {"orphan", for_orphan},
        {"one-of-two", for_one_of_two}, {"without-first", without_first},
        {"after-alarm", after_alarm}, {"blocked-alarm", blocked_alarm},
        {"other-alarm", other_alarm}, {"over-exec", over_exec}, {"sleep-on", sleep_on},
        {"limited", limited}, {"by-timerfd", by_timerfd}, {"by-posix-timer", by_posix_timer},
    };
    sigemptyset(&none);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    install(SIGALRM);
    pipe(a);
    pipe(b);
    if (argc > 2) {
        sigprocmask(SIG_BLOCK, &alarms, 0); /* until the call that waits for it */
        help(argv[2]);
        if (strcmp(argv[1], "suspend") && strcmp(argv[1], "sigwait") && strcmp(argv[1], "signalfd"))
            sigprocmask(SIG_UNBLOCK, &alarms, 0);
    }
    for (unsigned i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(argv[1], ways[i].name))
            ways[i].run();
    while (wait(0) > 0)
        ;
    return 0;
}
