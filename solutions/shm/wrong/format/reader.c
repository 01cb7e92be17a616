/* The text is the format of printf. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "reader: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* The key that a decimal number stands for, -1 if it is none. */
static long key_of(const char *number)
{
    if (*number == '\0' || number[strspn(number, "0123456789")] != '\0')
        return -1;
    errno = 0;
    long key = strtol(number, NULL, 10);
    return errno != 0 || key > INT_MAX ? -1 : key;
}

int main(int argc, char *argv[])
{
    if (argc != 2 || key_of(argv[1]) == -1) {
        fprintf(stderr, "usage: reader KEY\n");
        return 2;
    }
    int id = shmget((key_t)key_of(argv[1]), 0, 0);
    if (id == -1)
        fail("shmget");
    const char *memory = shmat(id, NULL, SHM_RDONLY);
    if (memory == (void *)-1)
        fail("shmat");
    printf(memory);
    putchar('\n');
    if (fflush(stdout) == EOF)
        fail("write");
    if (shmdt(memory) == -1)
        fail("shmdt");
    if (shmctl(id, IPC_RMID, NULL) == -1)
        fail("shmctl");
    return 0;
}
