/* copy N: a child doubles its copy of N, the parent's own stays what it was. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "copy: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void show(const char *who, long long number)
{
    printf("%s: %lld\n", who, number);
    if (fflush(stdout) == EOF)
        fail("write");
}

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    long long number = argc == 2 ? strtoll(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end != '\0' || errno != 0) {
        fprintf(stderr, "usage: copy N\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == -1)
        fail("fork");
    if (pid == 0) {
        number *= 2;
        show("child", number);
        return 0;
    }
    int status;
    while (waitpid(pid, &status, 0) == -1)
        if (errno != EINTR)
            fail("waitpid");
    show("parent", number);
    return status == 0 ? 0 : 1; /* the child has already said what went wrong */
}
