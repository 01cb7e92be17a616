/* hello [MESSAGE] with stdio streams on both ends; the child reads the pipe as its standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *call)
{
    perror(call);
    _exit(1);
}

static void child(int ends[2])
{
    if (dup2(ends[0], STDIN_FILENO) == -1)
        die("dup2");
    close(ends[0]);
    close(ends[1]);
    char *text = NULL;
    size_t size = 0;
    FILE *copy = open_memstream(&text, &size);
    if (copy == NULL)
        die("open_memstream");
    for (int c; (c = getchar()) != EOF;)
        putc(c, copy);
    if (ferror(stdin))
        die("read");
    fclose(copy);
    char head[32];
    int length = snprintf(head, sizeof head, "%zu ", size);
    setvbuf(stdout, NULL, _IONBF, 0);
    if (fwrite(head, 1, (size_t)length, stdout) < (size_t)length || fwrite(text, 1, size, stdout) < size
        || putchar('\n') == EOF)
        die("write");
    free(text);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *message = "Hello Child Process!";
    switch (argc) {
    case 2:
        message = argv[1];
        break;
    case 0:
    case 1:
        break;
    default:
        fputs("hello: at most one message\n", stderr);
        return 2;
    }
    int ends[2];
    if (pipe(ends) == -1)
        die("pipe");
    switch (fork()) {
    case -1:
        die("fork");
        break;
    case 0:
        child(ends);
    }
    FILE *out = fdopen(ends[1], "w");
    if (out == NULL)
        die("fdopen");
    if (fputs(message, out) == EOF || fclose(out) == EOF)
        die("write");
    close(ends[0]);
    int status;
    if (wait(&status) == -1)
        die("wait");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
