/* buffer init|produce|consume|destroy KEY [COUNT]: a bounded buffer in shared memory.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o buffer buffer.c
 * When it is done, `./buffer consume 1234 3` prints what `./buffer produce 1234 3` puts in, after
 * `./buffer init 1234`.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 8 };
enum { FREE, FILLED }; /* the two semaphores */

/* What the segment holds. */
struct buffer {
    int64_t fill, take;
    int64_t slot[SLOTS];
};

/* The number that decimal digits stand for, -1 if they are none. */
static long number_of(const char *digits)
{
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return -1;
    errno = 0;
    long number = strtol(digits, NULL, 10);
    return errno != 0 || number > INT_MAX ? -1 : number;
}

int main(int argc, char *argv[])
{
    const char *command = argc > 1 ? argv[1] : "";
    int counted = strcmp(command, "produce") == 0 || strcmp(command, "consume") == 0;
    int known = counted || strcmp(command, "init") == 0 || strcmp(command, "destroy") == 0;
    if (!known || argc != (counted ? 4 : 3) || number_of(argv[2]) == -1
        || (counted && number_of(argv[3]) == -1)) {
        fprintf(stderr, "usage: buffer init|produce|consume|destroy KEY [COUNT]\n");
        return 2;
    }
    long key = number_of(argv[2]);
    long count = counted ? number_of(argv[3]) : 0;

    /* Write here what the program does:
     * 1. init: make the segment (shmget, shmat) and the set (semget), give both their first values
     *    (semctl).
     * 2. produce: for each value wait for a free slot (semop), fill it, move on, say that it is
     *    filled.
     * 3. consume: the same the other way round; print and flush.
     * 4. destroy: remove both (shmctl, semctl).
     * 5. Take away the next three lines and return 0.
     */
    fprintf(stderr, "buffer: no %s %ld %ld yet, with %zu bytes and semaphores %d, %d\n", command, key,
            count, sizeof(struct buffer), (int)FREE, (int)FILLED);
    return 1;
}
