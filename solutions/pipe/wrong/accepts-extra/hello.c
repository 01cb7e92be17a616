/* Takes the first argument and overlooks the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *message = argc >= 2 ? argv[1] : "Hello Child Process!";
    int ends[2];
    if (pipe(ends) == -1)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        static char received[131072];
        FILE *in = fdopen(ends[0], "r");
        size_t size = fread(received, 1, sizeof received, in);
        fclose(in);
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
