/* writer KEY TEXT: stores TEXT in the shared memory segment KEY, followed by a NUL.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o writer writer.c
 * `./writer 1234 hello` prints nothing when it is done; `ipcs -m` shows the segment.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 4096 };

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
    if (argc != 3 || key_of(argv[1]) == -1) {
        fprintf(stderr, "usage: writer KEY TEXT\n");
        return 2;
    }
    long key = key_of(argv[1]);
    const char *text = argv[2];

    /* Write here what the program does:
     * 1. Refuse a text that does not fit into SIZE bytes together with its NUL.
     * 2. Open the segment, or create it (shmget with IPC_CREAT), and attach it (shmat).
     * 3. Store the text and a NUL, detach (shmdt). If a call fails, say which one and return 1.
     * 4. Take away the next three lines and return 0.
     */
    fprintf(stderr, "writer: %zu bytes for segment %ld, of %d, to store\n", strlen(text), key,
            (int)SIZE);
    return 1;
}
