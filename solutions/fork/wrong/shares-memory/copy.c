/* Takes vfork for a quicker fork. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    volatile long long number = argc == 2 ? strtoll(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end != '\0' || errno != 0) {
        fprintf(stderr, "usage: copy N\n");
        return 2;
    }
    pid_t pid = vfork();
    if (pid == -1)
        return 1;
    if (pid == 0) {
        number *= 2;
        dprintf(1, "child: %lld\n", number);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("parent: %lld\n", number);
    return 0;
}
