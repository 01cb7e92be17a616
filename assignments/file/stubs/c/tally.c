/* tally PATH N: adds 1 to the number in the file, N times, each time under a lock.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o tally tally.c
 * `./tally count.txt 3` prints `3` when it is done, if there was no count.txt.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    long rounds = argc == 3 ? strtol(argv[2], &end, 10) : -1;
    if (argc != 3 || end == argv[2] || *end != '\0' || errno != 0 || rounds < 0) {
        fprintf(stderr, "usage: tally PATH N\n");
        return 2;
    }

    /* Write here what the process does:
     * 1. Open the file; make it if it is missing, but don't empty it (open).
     * 2. N times: lock (flock), read, add 1, write, unlock.
     * 3. Print the last value that was written; with N = 0 the one that was read.
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "tally: %ld rounds on %s, but nothing is counted yet\n", rounds, argv[1]);
    return 1;
}
