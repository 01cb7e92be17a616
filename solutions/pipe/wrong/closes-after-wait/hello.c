/* The parent closes its write end only after it has waited, so each waits for the other. */
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
    size_t size = strlen(message);
    int ends[2];
    if (pipe(ends) == -1)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        static char received[131072];
        size_t filled = 0;
        ssize_t got;
        while ((got = read(ends[0], received + filled, sizeof received - filled)) > 0)
            filled += (size_t)got;
        printf("%zu ", filled);
        fwrite(received, 1, filled, stdout);
        printf("\n");
        return 0;
    }
    close(ends[0]);
    for (size_t sent = 0; sent < size;) {
        ssize_t written = write(ends[1], message + sent, size - sent);
        if (written == -1)
            return 1;
        sent += (size_t)written;
    }
    waitpid(pid, NULL, 0);
    close(ends[1]);
    return 0;
}
