/* Lets the kernel take the child away instead of waiting for it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    const char *message = argc == 2 ? argv[1] : "Hello Child Process!";
    int ends[2];
    signal(SIGCHLD, SIG_IGN);
    if (pipe(ends) == -1)
        return 1;
    if (fork() == 0) {
        close(ends[1]);
        char *received = NULL;
        size_t room = 0;
        FILE *in = fdopen(ends[0], "r");
        ssize_t size = getdelim(&received, &room, EOF, in);
        printf("%zd %s\n", size < 0 ? 0 : size, size < 0 ? "" : received);
        free(received);
        fclose(in);
        return 0;
    }
    close(ends[0]);
    FILE *out = fdopen(ends[1], "w");
    fputs(message, out);
    fclose(out);
    wait(NULL); /* fails with ECHILD once the child has gone */
    return 0;
}
