/* status SIGNAL: sends a child a signal and prints what waitpid says became of it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct { const char *name; int number; } SIGNALS[] = {
    {"INT", SIGINT}, {"KILL", SIGKILL}, {"ALRM", SIGALRM}, {"SEGV", SIGSEGV}, {"TSTP", SIGTSTP},
};

static int number_of(int argc, char *argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof SIGNALS / sizeof *SIGNALS; i++)
        if (strcmp(argv[1], SIGNALS[i].name) == 0)
            return SIGNALS[i].number;
    fprintf(stderr, "usage: status INT|KILL|ALRM|SEGV|TSTP\n");
    exit(2);
}

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "status: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* Wait until something happens to the child and print it. 1 if it can go on from there. */
static int report(pid_t child)
{
    int status, alive = 1;
    if (waitpid(child, &status, WUNTRACED | WCONTINUED) == -1)
        fail("waitpid");
    if (WIFSTOPPED(status))
        printf("stopped by SIG%s\n", sigabbrev_np(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        printf("continued by SIGCONT\n");
    else {
        alive = 0;
        if (WIFSIGNALED(status))
            printf("terminated by SIG%s\n", sigabbrev_np(WTERMSIG(status)));
        else
            printf("exited with status %d\n", WEXITSTATUS(status));
    }
    if (fflush(stdout) == EOF)
        fail("write");
    return alive;
}

int main(int argc, char *argv[])
{
    int sequence[] = {number_of(argc, argv), SIGCONT, SIGKILL};
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child == 0)
        for (;;)
            continue;
    for (int i = 0; i < 3; i++) {
        if (kill(child, sequence[i]) == -1)
            fail("kill");
        if (!report(child))
            break;
    }
    return 0;
}
