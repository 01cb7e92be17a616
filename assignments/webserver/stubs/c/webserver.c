/* webserver PORT ROOT: static files over HTTP, a new process for every connection.
 *
 * Build: cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -o webserver webserver.c
 * When it is done, `./webserver 8080 site` shows site/index.html at http://127.0.0.1:8080/.
 */
#include <stdio.h>
#include <stdlib.h>

/* The port that a decimal number stands for, -1 if it is none. */
static long port_of(const char *number)
{
    char *end;
    long port = strtol(number, &end, 10);
    return end == number || *end != '\0' || port < 0 || port > 65535 ? -1 : port;
}

int main(int argc, char *argv[])
{
    if (argc != 3 || port_of(argv[1]) == -1) {
        fprintf(stderr, "usage: webserver PORT ROOT\n");
        return 2;
    }
    long port = port_of(argv[1]);
    const char *root = argv[2];

    /* Write here what the program does:
     * 1. Listen on 127.0.0.1 (socket, setsockopt with SO_REUSEADDR, bind, listen).
     * 2. For ever: accept a client, then fork. The parent closes the connection and accepts the
     *    next client; it reaps children that have ended (waitpid), but waits for none.
     * 3. The child reads the request up to the empty line, sends the response, closes and exits.
     * 4. On SIGTERM (sigaction) end the children that are left, then exit with status 0.
     * 5. Take away the next two lines and return 0.
     */
    fprintf(stderr, "webserver: %s can't be served on port %ld yet\n", root, port);
    return 1;
}
