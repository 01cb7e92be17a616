/* Calls that signals break off, one case a run: the first argument says which. A helper looks at
 * /proc until the main process sleeps, then signals it and ends its wait. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int data[2], inner[2];
static pid_t self;
static sigjmp_buf before;

static void until(pid_t pid, char wanted)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    while (state != wanted) {
        FILE *file = fopen(path, "r");
        fscanf(file, "%*d (%*[^)]) %c", &state);
        fclose(file);
    }
}

static void say(int number) { (void)number; write(2, "h", 1); }
static void jump(int number) { (void)number; siglongjmp(before, 1); }
static void read_too(int number)
{
    char text;
    (void)number;
    read(inner[0], &text, 1);
}

static void install(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(number, &action, 0);
}

static void helper(const int *signals, int count)
{
    if (fork() == 0) {
        for (int i = 0; i < count; i++) {
            until(self, 'S');
            kill(self, signals[i]);
        }
        until(self, 'S');
        write(inner[1], "i", 1);
        until(self, 'S');
        write(data[1], "d", 1);
        _exit(0);
    }
}

static void read_data(void)
{
    char text;
    while (read(data[0], &text, 1) < 0 && errno == EINTR)
        ;
}

static void plain(int flags)
{
    install(SIGUSR1, say, flags);
    helper((int[]){SIGUSR1}, 1);
    read_data();
}

static void restarted(void) { plain(SA_RESTART); }
static void failed(void) { plain(0); }

static void other_stack(void)
{
    stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
    sigaltstack(&stack, 0);
    plain(SA_RESTART | SA_ONSTACK);
}

static void jumped(void)
{
    install(SIGUSR1, jump, SA_RESTART);
    helper((int[]){SIGUSR1}, 1);
    if (sigsetjmp(before, 1) == 0)
        read_data();
    write(2, "j", 1);
    read_data();
}

static void nested(void)
{
    install(SIGUSR1, read_too, SA_RESTART);
    install(SIGUSR2, say, SA_RESTART);
    helper((int[]){SIGUSR1, SIGUSR2}, 2);
    read_data();
}

static void stopped(void)
{
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){0, 100000000}, 0);
        _exit(0);
    }
    until(child, 'S');
    kill(child, SIGSTOP);
    waitpid(child, 0, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, 0, 0);
}

/* SIGCHLD comes while we wait: by default of no interest. Then the wait is ended. */
static void in_semop(void)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf down = {0, -1, 0}, up = {0, 1, 0};
    if (fork() == 0) {
        until(self, 'S');
        kill(self, SIGCHLD);
        until(self, 'S');
        semop(set, &up, 1);
        _exit(0);
    }
    while (semop(set, &down, 1) < 0 && errno == EINTR)
        ;
    semctl(set, 0, IPC_RMID);
}

static void handled(void)
{
    install(SIGCHLD, say, SA_RESTART);
    in_semop();
}

static void in_epoll(void)
{
    int fd = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.fd = data[0]}};
    epoll_ctl(fd, EPOLL_CTL_ADD, data[0], &event);
    signal(SIGUSR1, SIG_IGN);
    helper((int[]){SIGUSR1, SIGUSR1}, 2);
    epoll_wait(fd, &event, 1, -1);
}

int main(int argc, char **argv)
{
    struct { const char *name; void (*run)(void); } cases[] = {
        {"restarted", restarted}, {"failed", failed}, {"other-stack", other_stack},
        {"jumped", jumped}, {"nested", nested}, {"stopped", stopped},
        {"discarded", in_semop}, {"handled", handled}, {"epoll", in_epoll},
    };
    self = getpid();
    pipe(data);
    pipe(inner);
    for (unsigned i = 0; argc > 1 && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(argv[1], cases[i].name))
            cases[i].run();
    while (wait(0) > 0)
        ;
    return 0;
}
