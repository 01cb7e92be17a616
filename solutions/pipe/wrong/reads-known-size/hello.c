/* The child knows the size from its copy of the parent's memory and stops there, so it never sees
 * end of file. */
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
        char *received = malloc(size + 1);
        for (size_t filled = 0; filled < size;) {
            ssize_t got = read(ends[0], received + filled, size - filled);
            if (got <= 0)
                return 1;
            filled += (size_t)got;
        }
        received[size] = '\0';
        printf("%zu %s\n", size, received);
        free(received);
        return 0;
    }
    close(ends[0]);
    for (size_t sent = 0; sent < size;) {
        ssize_t written = write(ends[1], message + sent, size - sent);
        if (written == -1)
            return 1;
        sent += (size_t)written;
    }
    close(ends[1]);
    waitpid(pid, NULL, 0);
    return 0;
}
