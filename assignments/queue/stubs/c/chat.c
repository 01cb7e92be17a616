/* chat KEY ROLE: two processes talk over one message queue. ROLE is a (host) or b (guest).
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -pthread -o chat chat.c
 * When it is done, what you type into `./chat 1234 a` appears in `./chat 1234 b` in another
 * terminal, and the other way round.
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
    if (argc != 3 || key_of(argv[1]) == -1
        || (strcmp(argv[2], "a") != 0 && strcmp(argv[2], "b") != 0)) {
        fprintf(stderr, "usage: chat KEY a|b\n");
        return 2;
    }
    long key = key_of(argv[1]);
    char role = argv[2][0];

    /* Write here what the program does:
     * 1. Open the queue, or create it (msgget with IPC_CREAT).
     * 2. Receive (msgrcv) in a second thread or process, until an empty message comes: print each
     *    one as `<peer>: <text>` and flush.
     * 3. Send (msgsnd) each line of stdin without its newline; skip the empty ones.
     * 4. At the end send your empty message, at the right moment; a removes the queue (msgctl).
     * 5. Take away the next two lines and return 0.
     */
    fprintf(stderr, "chat: %c can't talk through queue %ld yet\n", role, key);
    return 1;
}
