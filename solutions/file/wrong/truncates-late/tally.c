/* tally PATH N: adds 1 to the number in the file, N times, each time under a lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "tally: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void lock(int fd, int operation)
{
    while (flock(fd, operation) == -1)
        if (errno != EINTR)
            fail("flock");
}

/* The number in the file; an empty file counts as 0. */
static long long value(int fd)
{
    char text[64];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    if (size == -1)
        fail("pread");
    text[size] = '\0';
    return strtoll(text, NULL, 10);
}

static void replace(int fd, long long number)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%lld", number);
    if (pwrite(fd, text, (size_t)size, 0) == -1)
        fail("pwrite");
}

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    long rounds = argc == 3 ? strtol(argv[2], &end, 10) : -1;
    if (argc != 3 || end == argv[2] || *end != '\0' || errno != 0 || rounds < 0) {
        fprintf(stderr, "usage: tally PATH N\n");
        return 2;
    }
    int fd = open(argv[1], O_RDWR | O_CREAT, 0666);
    if (fd == -1)
        fail("open");
    long long number = 0;
    if (rounds == 0) {
        lock(fd, LOCK_SH);
        number = value(fd);
    }
    for (; rounds > 0; rounds--) {
        lock(fd, LOCK_EX);
        number = value(fd) + 1;
        replace(fd, number);
        lock(fd, LOCK_UN);
        if (ftruncate(fd, snprintf(NULL, 0, "%lld", number)) == -1)
            fail("ftruncate");
    }
    close(fd);
    printf("%lld\n", number);
    return fflush(stdout) == EOF ? (perror("tally: write"), 1) : 0;
}
