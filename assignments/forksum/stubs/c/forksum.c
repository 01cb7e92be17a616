/* forksum LIMIT WORKERS: so many children add up 1 + 2 + … + LIMIT together.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o forksum forksum.c
 * `./forksum 10000 10` prints `50005000` when it is done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The number, if it is one from 1 to the largest; else 0. */
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

    /* Write here what the process does:
     * 1. Make a pipe (pipe), for all children or one for each; fork the children (fork).
     * 2. In each child: add up its range, write the partial sum into the pipe, end.
     * 3. In the main process: read all partial sums, reap every child (wait), print the total.
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "forksum: %ld workers for %ld numbers, but no pipe yet\n", workers, limit);
    return 1;
}
