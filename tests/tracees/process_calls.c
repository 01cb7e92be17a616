/* Processes and threads, one group a run: the first argument says which. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0x5a5a5a5a00000000L

extern char **environ;
static char *self;
static int ends[2];

static void *write_one(void *text)
{
    write(ends[1], text, 1);
    return 0;
}

static void threads(void)
{
    pthread_t first, second;
    write(ends[1], "0", 1);
    pthread_create(&first, 0, write_one, "1");
    pthread_join(first, 0);
    pthread_create(&second, 0, write_one, "2");
    pthread_join(second, 0);
}

static void *execute(void *name)
{
    execl(self, self, name, (char *)0);
    return 0;
}

static void *wait_for_ever(void *argument)
{
    pause();
    return argument;
}

/* Another thread than the first replaces the program, while the first one sleeps. */
static void exec_by_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, 0, wait_for_ever, 0);
    pthread_create(&thread, 0, execute, "after");
    pause();
}

static void after(void)
{
    pthread_t thread;
    pthread_create(&thread, 0, write_one, "x");
    pthread_join(thread, 0);
    write(ends[1], "y", 1);
}

/* The child leaves its own child behind, which sees that and tells us. */
static void orphan(void)
{
    int gone[2];
    pipe(gone);
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            char text;
            close(gone[1]);
            read(gone[0], &text, 1);
            write(ends[1], "o", 1);
        }
        _exit(3);
    }
    close(gone[1]);
    waitpid(child, 0, 0);
    char text;
    read(ends[0], &text, 1);
}

static void children(void)
{
    int status;
    siginfo_t info;
    waitpid(-1, &status, 0); /* ECHILD */
    pid_t child = fork();
    if (child == 0) {
        char text;
        read(ends[0], &text, 1);
        _exit(7);
    }
    syscall(SYS_wait4, JUNK | child, &status, JUNK | WNOHANG, 0); /* not yet */
    write(ends[1], "x", 1);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    waitid(P_PID, child, 0, WEXITED);
    if ((child = vfork()) == 0)
        _exit(4);
    waitpid(child, 0, 0);
    child = syscall(SYS_clone, JUNK | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        raise(SIGTERM);
    waitpid(child, &status, 0);
    char *arguments[] = {self, "nothing", 0};
    posix_spawn(&child, self, 0, 0, arguments, environ);
    wait(&status);
    execl("/no/such/program", "x", (char *)0);
    syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0); /* EINVAL */
}

int main(int argc, char **argv)
{
    struct { const char *name; void (*run)(void); } groups[] = {
        {"threads", threads}, {"exec", exec_by_thread}, {"after", after}, {"orphan", orphan},
        {"children", children},
    };
    self = argv[0];
    pipe(ends);
    for (unsigned i = 0; argc > 1 && i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(argv[1], groups[i].name))
            groups[i].run();
    return 0;
}
