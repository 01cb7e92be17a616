/* status whose child waits for input that never comes, a wait for each question. */
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

static int must(int result, const char *call)
{
    if (result == -1) {
        perror(call);
        exit(1);
    }
    return result;
}

int main(int argc, char *argv[])
{
    int number = number_of(argc, argv), status, ends[2];
    must(pipe(ends), "pipe");
    pid_t child = must(fork(), "fork");
    if (child == 0) {
        char byte;
        _exit(read(ends[0], &byte, 1) == 1);
    }
    setlinebuf(stdout);
    must(killpg(getpgrp(), 0), "killpg");
    must(kill(child, number), "kill");
    must(wait4(child, &status, WUNTRACED, NULL), "wait4");
    if (WIFSTOPPED(status)) {
        printf("stopped by SIG%s\n", sigabbrev_np(WSTOPSIG(status)));
        must(kill(child, SIGCONT), "kill");
        must(waitpid(-1, &status, WCONTINUED), "waitpid");
        printf("continued by SIGCONT\n");
        must(kill(child, SIGKILL), "kill");
        must(wait(&status), "wait");
    }
    printf("terminated by SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    return 0;
}
