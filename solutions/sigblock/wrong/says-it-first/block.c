/* Prints that SIGINT is blocked and only then blocks it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void catch(int number)
{
    (void)number;
    static const char line[] = "Catch SIGINT!\n";
    if (write(STDOUT_FILENO, line, sizeof line - 1) == -1)
        _exit(1);
}

static void check(int failed, const char *call)
{
    if (!failed)
        return;
    fprintf(stderr, "block: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void put(const char *text, size_t size)
{
    check(fwrite(text, 1, size, stdout) < size || fflush(stdout) == EOF, "write");
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "usage: block\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = catch};
    sigemptyset(&action.sa_mask);
    check(sigaction(SIGINT, &action, NULL) == -1, "sigaction");
    sigset_t sigint;
    sigemptyset(&sigint);
    sigaddset(&sigint, SIGINT);
    put("blocked\n", 8);
    check(sigprocmask(SIG_BLOCK, &sigint, NULL) == -1, "sigprocmask");
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; (size = getline(&line, &room, stdin)) > 0;)
        put(line, (size_t)size);
    check(ferror(stdin), "read");
    free(line);
    put("unblocked\n", 10);
    check(sigprocmask(SIG_UNBLOCK, &sigint, NULL) == -1, "sigprocmask");
    return 0;
}
