/* The child starts a logger that reads until end of file. The logger itself holds the write end of
 * its log open, so it never ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int start_logger(void)
{
    int log[2];
    if (pipe(log) == -1)
        exit(1);
    if (fork() == 0) {
        char line[128];
        ssize_t got;
        while ((got = read(log[0], line, sizeof line)) > 0)
            if (write(STDERR_FILENO, line, (size_t)got) == -1)
                break;
        _exit(0);
    }
    close(log[0]);
    return log[1];
}

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    const char *message = argc == 2 ? argv[1] : "Hello Child Process!";
    int ends[2];
    if (pipe(ends) == -1)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        int log = start_logger();
        static char received[131072];
        FILE *in = fdopen(ends[0], "r");
        size_t size = fread(received, 1, sizeof received, in);
        fclose(in);
        dprintf(log, "hello: %zu bytes came\n", size);
        printf("%zu ", size);
        fwrite(received, 1, size, stdout);
        printf("\n");
        return 0;
    }
    close(ends[0]);
    FILE *out = fdopen(ends[1], "w");
    fputs(message, out);
    fclose(out);
    waitpid(pid, NULL, 0);
    return 0;
}
