/* Forgets that a child comes back from fork into the loop. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static long number(const char *text, long largest)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && 1 <= value && value <= largest ? value : 0;
}

int main(int argc, char *argv[])
{
    long limit = argc == 3 ? number(argv[1], 1000000000) : 0;
    long workers = argc == 3 ? number(argv[2], 64) : 0;
    if (limit == 0 || workers == 0) {
        fprintf(stderr, "usage: forksum LIMIT WORKERS\n");
        return 2;
    }
    int ends[2];
    if (pipe(ends) == -1)
        return 1;
    pid_t first = getpid();
    long forks = workers < 5 ? workers : 5; /* 2 to the power of that many processes */
    for (long k = 0; k < forks; k++)
        fork();
    if (getpid() == first) {
        for (long k = forks; k < workers; k++)
            if (fork() == 0)
                break;
    }
    long long sum = (long long)limit * (limit + 1) / 2;
    if (getpid() != first) {
        if (write(ends[1], &sum, sizeof sum) == -1)
            return 1;
        while (wait(NULL) > 0)
            ;
        return 0;
    }
    if (read(ends[0], &sum, sizeof sum) == -1)
        return 1;
    while (wait(NULL) > 0)
        ;
    printf("%lld\n", sum);
    return 0;
}
