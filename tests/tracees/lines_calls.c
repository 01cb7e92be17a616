/* Calls whose lines are marked: made directly, from a function that is inlined, from deep inside
   the C library above the remains of other calls, in a child, in a signal handler, by vfork. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void helper(const char *text) {
    if (write(ends[1], text, strlen(text)) < 0) /* in helper */
        exit(1);
}

__attribute__((noinline)) static int deep(int level) {
    char text[2] = {(char)('a' + level), 0};
    if (level > 0)
        return deep(level - 1) + 1;
    helper(text);
    return 0;
}

static void child(void) {
    char bytes[64];
    while (read(ends[0], bytes, sizeof bytes) > 0) /* in child */
        continue;
    _exit(0);
}

static void handler(int number) {
    (void)number;
    if (write(ends[1], "handler", 7) < 0) /* in handler */
        _exit(1);
}

int main(void) {
    int status;
    if (pipe(ends) < 0) /* in main: pipe */
        return 1;
    pid_t reader = fork(); /* in main: fork */
    if (reader == 0) {
        close(ends[1]);
        child();
    }
    deep(5);
    printf("%d\n", deep(9));
    fflush(stdout); /* in main: fflush */
    helper("helper");
    signal(SIGUSR1, handler); /* in main: signal */
    raise(SIGUSR1);
    pid_t quick = vfork(); /* in main: vfork */
    if (quick == 0)
        _exit(3);
    waitpid(quick, &status, 0); /* in main: waitpid vfork */
    close(ends[1]); /* in main: close */
    waitpid(reader, &status, 0); /* in main: waitpid reader */
    return 0;
}
