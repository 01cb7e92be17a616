/* copy N: a child doubles its copy of N, the parent's own stays what it was.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o copy copy.c
 * `./copy 21` prints `child: 42` and `parent: 21` when it is done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    char *end = NULL;
    errno = 0;
    long long number = argc == 2 ? strtoll(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end != '\0' || errno != 0) {
        fprintf(stderr, "usage: copy N\n");
        return 2;
    }

    /* Write here what the process does:
     * 1. Make a child (fork).
     * 2. In the child: double `number`, print `child: <number>`, flush it, end.
     * 3. In the parent: wait for the child (waitpid), print `parent: <number>`.
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "copy: %lld is known, but there is no child yet\n", number);
    return 1;
}
