#include <stdio.h>
#include <sched.h>
#include <stdlib.h>
#include <errno.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/file.h>
int main(int argc, char *argv[])
{
    char *e;
    if (argc != 3) { fprintf(stderr, "usage: tally PATH N\n"); return 2; }
    errno = 0;
    long n = strtol(argv[2], &e, 10);
    if (e == argv[2] || *e || n < 0 || errno) { fprintf(stderr, "tally: N must be a number >= 0\n"); return 2; }
    int fd = open(argv[1], O_RDWR | O_CREAT, 0666);
    if (fd < 0) { perror("open"); return 1; }
    FILE *f = fdopen(fd, "r+");
    long long v = 0;
    long i = 0;
    do {
        while (flock(fileno(f), LOCK_EX | LOCK_NB)) sched_yield();
        rewind(f);
        v = 0;
        if (fscanf(f, "%lld", &v) != 1) v = 0;
        if (i < n) {
            rewind(f);
            if (ftruncate(fd, 0)) { perror("ftruncate"); return 1; }
            fprintf(f, "%lld\n", ++v);
            if (fflush(f)) { perror("write"); return 1; }
        }
        if (flock(fileno(f), LOCK_UN)) { perror("flock"); return 1; }
    } while (++i < n);
    fclose(f);
    printf("%lld\n", v);
    return 0;
}
