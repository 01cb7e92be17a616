/* forksum LIMIT WORKERS: so many children add up 1 + 2 + … + LIMIT together, over one pipe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ, WRITE };

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "forksum: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* The number, if it is one from 1 to the largest; else 0. */
static long number(const char *text, long largest)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && 1 <= value && value <= largest ? value : 0;
}

/* The sum of the numbers of this worker, which counts from 0. It may have none. */
static long long work(long worker, long limit, long workers)
{
    long long sum = 0;
    for (long i = worker * limit / workers + 1; i <= (worker + 1) * limit / workers; i++)
        sum += i;
    return sum;
}

static void child(const int ends[2], long long partial)
{
    close(ends[READ]);
    /* So few bytes stay in one piece, whoever else writes into the pipe. */
    if (write(ends[WRITE], &partial, sizeof partial) == -1)
        fail("write");
}

/* One partial sum. A read may bring only a part of it. 0 when all writers are gone. */
static int receive(int fd, long long *partial)
{
    size_t filled = 0;
    while (filled < sizeof *partial) {
        ssize_t got = read(fd, (char *)partial + filled, sizeof *partial - filled);
        if (got == -1 && errno != EINTR)
            fail("read");
        if (got == 0)
            return 0;
        filled += got > 0 ? (size_t)got : 0;
    }
    return 1;
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
        fail("pipe");
    for (long worker = 0; worker < workers; worker++) {
        pid_t pid = fork();
        if (pid == -1)
            fail("fork");
        if (pid == 0) {
            child(ends, work(worker, limit, workers));
            return 0;
        }
    }
    close(ends[WRITE]); /* else the end of file would never come */
    long long total = 0, partial;
    while (receive(ends[READ], &partial))
        total += partial;
    int failures = 0, status;
    for (long left = workers; left > 0; left--) {
        if (wait(&status) == -1)
            fail("wait");
        failures += status != 0;
    }
    if (failures)
        return 1; /* the child has already said what went wrong */
    printf("%lld\n", total);
    return fflush(stdout) == EOF ? (perror("forksum: write"), 1) : 0;
}
