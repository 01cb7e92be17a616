/* status with waitid and sigqueue: each wait asks for all that can happen. */
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

int main(int argc, char *argv[])
{
    int number = number_of(argc, argv);
    pid_t child = fork();
    if (child == -1)
        return perror("fork"), 1;
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        for (;;)
            sigsuspend(&none);
    }
    for (;;) {
        siginfo_t info;
        if (sigqueue(child, number, (union sigval){0}) == -1)
            return perror("sigqueue"), 1;
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WSTOPPED | WCONTINUED) == -1)
            return perror("waitid"), 1;
        const char *name = sigabbrev_np(info.si_status);
        switch (info.si_code) {
        case CLD_STOPPED:
            printf("stopped by SIG%s\n", name);
            number = SIGCONT;
            break;
        case CLD_CONTINUED:
            printf("continued by SIG%s\n", name);
            number = SIGKILL;
            break;
        default:
            printf("terminated by SIG%s\n", name);
            return 0;
        }
        fflush(stdout);
    }
}
