/* hello [MESSAGE]: the parent sends MESSAGE through a pipe, the child prints it.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o hello hello.c
 * `./hello` prints `20 Hello Child Process!` when it is done.
 */
#include <stdio.h>
#include <string.h>

static const char DEFAULT[] = "Hello Child Process!";

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    const char *message = argc == 2 ? argv[1] : DEFAULT;

    /* Write here what the process does:
     * 1. Make a pipe (pipe), then a child (fork).
     * 2. In the child: close the end that it doesn't use, read until end of file, print
     *    `<bytes> <message>`.
     * 3. In the parent: close the end that it doesn't use, write the message, close the pipe,
     *    wait for the child (waitpid).
     * 4. Take away the next two lines and return 0.
     */
    fprintf(stderr, "hello: %zu bytes to send, but no pipe yet\n", strlen(message));
    return 1;
}
