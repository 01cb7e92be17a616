/* reader KEY: prints the text in the shared memory segment KEY and removes the segment.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o reader reader.c
 * After `./writer 1234 hello`, `./reader 1234` prints `hello` when it is done.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The key that a decimal number stands for, -1 if it is none. */
static long key_of(const char *number)
{
    if (*number == '\0' || number[strspn(number, "0123456789")] != '\0')
        return -1;
    errno = 0;
    long key = strtol(number, NULL, 10);
    return errno != 0 || key > INT_MAX ? -1 : key;
}

int main(int argc, char *argv[])
{
    if (argc != 2 || key_of(argv[1]) == -1) {
        fprintf(stderr, "usage: reader KEY\n");
        return 2;
    }
    long key = key_of(argv[1]);

    /* Write here what the program does:
     * 1. Find the segment (shmget), never create it, and attach it (shmat). If a call fails, say
     *    which one and return 1.
     * 2. Print the text up to the NUL, and a newline.
     * 3. Detach the segment (shmdt) and remove it (shmctl).
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "reader: nothing read from segment %ld yet\n", key);
    return 1;
}
