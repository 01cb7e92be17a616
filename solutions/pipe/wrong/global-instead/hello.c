/* The child prints the copy of the variable that fork gave it; there is no pipe. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *message = "Hello Child Process!";

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    if (argc == 2)
        message = argv[1];
    pid_t pid = fork();
    if (pid == 0) {
        printf("%zu %s\n", strlen(message), message);
        return 0;
    }
    waitpid(pid, NULL, 0);
    return 0;
}
