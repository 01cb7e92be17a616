/* forksum LIMIT WORKERS with a pipe for each worker, all watched by poll; sums go as text, and the
 * children are reaped by waitid as they end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long must(long result, const char *call)
{
    if (result >= 0)
        return result;
    fprintf(stderr, "forksum: %s: %s\n", call, strerror(errno));
    exit(1);
}

static int parse(int argc, char **argv, long *limit, long *workers)
{
    char rest;
    return argc == 3 && sscanf(argv[1], "%ld%c", limit, &rest) == 1
        && sscanf(argv[2], "%ld%c", workers, &rest) == 1 && *limit >= 1 && *limit <= 1000000000
        && *workers >= 1 && *workers <= 64;
}

int main(int argc, char **argv)
{
    long limit, workers;
    if (!parse(argc, argv, &limit, &workers)) {
        fputs("usage: forksum LIMIT WORKERS\n", stderr);
        exit(2);
    }
    struct pollfd watched[64];
    char text[64][32] = {{0}};
    for (long k = 0; k < workers; k++) {
        int ends[2];
        must(pipe2(ends, O_CLOEXEC), "pipe2");
        if (must(fork(), "fork") == 0) {
            unsigned long long sum = 0;
            for (long i = limit - k; i > 0; i -= workers)
                sum += (unsigned long long)i;
            must(dprintf(ends[1], "%llu", sum), "write");
            _exit(0);
        }
        must(close(ends[1]), "close");
        watched[k] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    }
    for (long open = workers; open > 0;) {
        must(poll(watched, (nfds_t)workers, -1), "poll");
        for (long k = 0; k < workers; k++) {
            if (watched[k].fd == -1 || watched[k].revents == 0)
                continue;
            size_t have = strlen(text[k]);
            if (must(read(watched[k].fd, text[k] + have, sizeof text[k] - 1 - have), "read") == 0) {
                close(watched[k].fd);
                watched[k].fd = -1;
                open--;
            }
        }
    }
    unsigned long long total = 0;
    int bad = 0;
    for (long k = 0; k < workers; k++) {
        siginfo_t info;
        must(waitid(P_ALL, 0, &info, WEXITED), "waitid");
        bad |= info.si_status;
        total += strtoull(text[k], NULL, 10);
    }
    if (!bad)
        must(dprintf(1, "%llu\n", total), "write");
    return bad != 0;
}
