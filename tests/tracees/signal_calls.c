/* The calls of the signal family, one group a run: the first argument says which. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JUNK 0x5a5a5a5a00000000L

static volatile sig_atomic_t caught;

static void handle(int number) { (void)number; caught++; }

static sigset_t set_of(int first, int second)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, first);
    if (second)
        sigaddset(&set, second);
    return set;
}

static void install(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(number, &action, 0);
}

static void actions(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_NODEFER};
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &action, 0);
    sigaction(SIGUSR1, 0, &action);
    install(SIGUSR1, SIG_IGN, 0);
    install(SIGUSR1, SIG_DFL, 0);
    /* the C library refuses this before the kernel can */
    struct { void *handler; long flags; void *restorer; long mask; } raw = {handle, 0x4000, 0, 0};
    syscall(SYS_rt_sigaction, SIGKILL, &raw, 0, 8);
    syscall(SYS_rt_sigaction, JUNK | SIGUSR2, &raw, 0, 8);
    syscall(SYS_rt_sigaction, SIGUSR2, 8, 0, 8);
}

static void *nothing(void *argument) { return argument; }

static void masks(void)
{
    sigset_t set = set_of(SIGINT, SIGTERM), all;
    sigprocmask(SIG_BLOCK, &set, 0);
    sigprocmask(SIG_BLOCK, &set, 0); /* changes nothing */
    raise(SIGINT);
    sigset_t pending;
    sigpending(&pending);
    install(SIGINT, handle, 0);
    set = set_of(SIGTERM, SIGUSR1);
    sigprocmask(SIG_SETMASK, &set, 0);
    pthread_t thread;
    pthread_create(&thread, 0, nothing, 0);
    pthread_join(thread, 0);
    system("true");
    syscall(SYS_rt_sigprocmask, JUNK | SIG_UNBLOCK, &set, 0, 8);
    syscall(SYS_rt_sigprocmask, 7, &set, 0, 8);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
}

static pid_t waiting_child(void)
{
    sigset_t set = set_of(SIGUSR1, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, 0);
    install(SIGUSR1, handle, SA_RESTART);
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        while (!caught)
            sigsuspend(&none);
        _exit(0);
    }
    return pid;
}

static void sending(void)
{
    pid_t child = waiting_child();
    kill(child, 0);
    kill(child, SIGUSR1);
    waitpid(child, 0, 0);
    kill(child, SIGUSR1); /* ESRCH */
    child = waiting_child();
    setpgid(child, child);
    kill(-child, SIGUSR1);
    waitpid(child, 0, 0);
    child = waiting_child();
    sigqueue(child, SIGUSR1, (union sigval){.sival_int = 42});
    waitpid(child, 0, 0);
    child = waiting_child();
    int fd = syscall(SYS_pidfd_open, child, 0);
    syscall(SYS_pidfd_send_signal, fd, SIGUSR1, 0, 0);
    waitpid(child, 0, 0);
    syscall(SYS_tgkill, JUNK | getpid(), JUNK | getpid(), JUNK | SIGUSR2);
    syscall(SYS_tkill, getpid(), 99); /* EINVAL */
}

static void last_words(void)
{
    setpgid(0, 0);
    if (fork() == 0)
        kill(getpid(), SIGKILL);
    wait(0);
    install(SIGUSR1, SIG_IGN, 0);
    kill(0, SIGUSR1);
    kill(getpid(), SIGTERM);
}

static void waits(void)
{
    sigset_t set = set_of(SIGUSR1, SIGRTMIN + 1), none;
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, &set, 0);
    struct timespec moment = {0, 1000000};
    sigtimedwait(&set, 0, &moment);
    kill(getpid(), SIGUSR1);
    int got;
    sigwait(&set, &got);
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 7});
    siginfo_t info;
    sigwaitinfo(&set, &info);
    install(SIGUSR1, handle, 0);
    kill(getpid(), SIGUSR1);
    sigsuspend(&none);
    int fd = signalfd(-1, &set, 0);
    kill(getpid(), SIGUSR1);
    struct pollfd waited = {fd, POLLIN, 0};
    poll(&waited, 1, -1);
    struct signalfd_siginfo taken;
    read(fd, &taken, sizeof taken);
}

static void timers(void)
{
    alarm(100);
    alarm(0);
    install(SIGALRM, handle, 0);
    struct itimerval soon = {{0, 0}, {0, 2000}}, often = {{0, 3000}, {0, 1500}}, off = {{0, 0}, {0, 0}};
    sigset_t alarms = set_of(SIGALRM, 0), none;
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, &alarms, 0);
    setitimer(ITIMER_REAL, &soon, 0);
    sigsuspend(&none);
    setitimer(ITIMER_VIRTUAL, &often, 0);
    setitimer(ITIMER_VIRTUAL, &off, 0);
    setitimer(9, &off, 0);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    struct itimerspec later = {{0, 0}, {100, 0}};
    timer_settime(timer, 0, &later, 0);
    timer_delete(timer);
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec now = {{0, 0}, {0, 1}};
    timerfd_settime(fd, 0, &now, 0);
    unsigned long times;
    read(fd, &times, sizeof times);
}

static void stops(void)
{
    int go_on[2], status;
    char text;
    pipe(go_on);
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        read(go_on[0], &text, 1); /* a second stop would undo that it was continued */
        raise(SIGSTOP);
    }
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, &status, WCONTINUED);
    write(go_on[1], "x", 1);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

int main(int argc, char **argv)
{
    struct { const char *name; void (*run)(void); } groups[] = {
        {"actions", actions}, {"masks", masks}, {"sending", sending}, {"last-words", last_words},
        {"waits", waits}, {"timers", timers}, {"stops", stops},
    };
    for (unsigned i = 0; argc > 1 && i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(argv[1], groups[i].name))
            groups[i].run();
    return 0;
}
