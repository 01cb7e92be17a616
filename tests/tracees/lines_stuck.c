/* Waits in vain in a child and in its parent, or computes, or sleeps: by its argument. */
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];
static volatile long count;

static void receive(void) {
    char bytes[16];
    while (read(ends[0], bytes, sizeof bytes) > 0) /* in receive */
        continue;
    _exit(0);
}

__attribute__((noinline)) static void spin(void) {
    for (;;)
        count++; /* in spin */
}

static void ask_kernel(void) {
    while (getppid() > 0) /* in ask_kernel */
        count++;
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "stuck";
    if (pipe(ends) < 0)
        return 1;
    if (strcmp(how, "nap") == 0)
        sleep(60); /* in main: sleep */
    if (fork() == 0) {
        if (strcmp(how, "spin") == 0)
            spin();
        if (strcmp(how, "ask") == 0)
            ask_kernel();
        receive();
    }
    if (strcmp(how, "stdio") == 0)
        fgetc(fdopen(ends[0], "r")); /* in main: fgetc */
    wait(NULL); /* in main: wait */
    return 0;
}
