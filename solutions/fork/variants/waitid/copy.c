/* copy N with write instead of stdio; waitid looks at the child first, and then reaps it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long long number;

static void must(long result, const char *call)
{
    if (result >= 0)
        return;
    dprintf(2, "copy: %s: %s\n", call, strerror(errno));
    _exit(1);
}

static void tell(const char *format)
{
    char line[64];
    int size = snprintf(line, sizeof line, format, number);
    must(write(1, line, (size_t)size), "write");
}

int main(int argc, char **argv)
{
    char rest;
    if (argc != 2 || sscanf(argv[1], "%lld%c", (long long *)&number, &rest) != 1) {
        dprintf(2, "copy takes one integer\n");
        return 2;
    }
    pid_t child = fork();
    must(child, "fork");
    if (!child) {
        number += number;
        tell("child: %lld\n");
        _exit(0);
    }
    siginfo_t info;
    must(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), "waitid");
    must(waitid(P_PID, (id_t)child, &info, WEXITED), "waitid");
    tell("parent: %lld\n");
    return info.si_status;
}
