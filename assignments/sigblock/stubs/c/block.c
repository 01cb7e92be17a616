/* block: copies stdin to stdout while SIGINT is blocked.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o block block.c
 */
#include <stdio.h>

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: block\n");
        return 2;
    }

    /* Write here what the process does:
     * 1. Install a handler (sigaction), block SIGINT (sigprocmask), print `blocked`.
     * 2. Copy stdin line by line (getline); flush each.
     * 3. Print `unblocked`, unblock SIGINT.
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "block: SIGINT is not blocked yet\n");
    return 1;
}
