/* reader KEY, one character at a time; the segment is marked for removal first and detached last. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

static void die(const char *call)
{
    dprintf(STDERR_FILENO, "%s: %s\n", call, strerror(errno));
    _exit(1);
}

int main(int argc, char **argv)
{
    char *end;
    if (argc != 2 || !*argv[1] || (strtoul(argv[1], &end, 10), *end)) {
        dprintf(STDERR_FILENO, "reader takes a key\n");
        _exit(2);
    }
    int id = shmget((key_t)strtoul(argv[1], NULL, 10), 1, 0);
    if (id == -1)
        die("shmget");
    char *text = shmat(id, NULL, 0);
    if (text == (void *)-1)
        die("shmat");
    if (shmctl(id, IPC_RMID, NULL))
        die("shmctl");
    for (char *at = text; *at; at++)
        putchar(*at);
    putchar('\n');
    if (fflush(stdout))
        die("write");
    if (shmdt(text))
        die("shmdt");
    _exit(0);
}
