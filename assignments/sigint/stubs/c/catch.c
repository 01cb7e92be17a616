/* catch: waits for SIGINT, prints `Catch SIGINT!` and exits 0.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o catch catch.c
 * Start it, press Ctrl-C: it prints `Catch SIGINT!` when it is done.
 */
#include <stdio.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: catch\n");
        return 2;
    }

    /* Write here what the process does:
     * 1. Install a handler for SIGINT (sigaction). In a handler only some functions are safe to
     *    call (man 7 signal-safety): write and _exit are, printf and exit are not.
     * 2. Wait without missing a signal that comes just before the wait (pause or sigsuspend).
     * 3. Take away the next two lines.
     */
    fprintf(stderr, "catch: no handler for SIGINT yet\n");
    return 1;
}
