/* client PORT: sends stdin to the server and prints what comes back.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -pthread -o client client.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc != 2 || *argv[1] == '\0' || argv[1][strspn(argv[1], "0123456789")] != '\0') {
        fprintf(stderr, "usage: client PORT\n");
        return 2;
    }
    int port = atoi(argv[1]);

    /* Write here what the program does:
     * 1. Connect to 127.0.0.1.
     * 2. Send stdin, and at its end shut down the sending side.
     * 3. Meanwhile print what comes back, until the server closes; flush.
     * 4. Take away the next two lines.
     */
    fprintf(stderr, "client: can't talk through port %d yet\n", port);
    return 1;
}
