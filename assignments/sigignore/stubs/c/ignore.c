/* ignore: ignores SIGINT and waits until another signal, SIGTERM say, ends it.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o ignore ignore.c
 */
#include <stdio.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: ignore\n");
        return 2;
    }

    /* Write here what the process does:
     * 1. Set SIGINT to be ignored (sigaction or signal).
     * 2. Wait in the kernel, for as long as it takes (pause).
     * 3. Take away the next two lines.
     */
    fprintf(stderr, "ignore: SIGINT is not ignored yet\n");
    return 1;
}
