/* writer KEY TEXT: stores TEXT in the shared memory segment KEY, followed by a NUL. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

enum { SIZE = 4096 };

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "writer: %s: %s\n", call, strerror(errno));
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
    if (argc != 3 || key_of(argv[1]) == -1) {
        fprintf(stderr, "usage: writer KEY TEXT\n");
        return 2;
    }
    const char *text = argv[2];
    size_t size = strlen(text) + 1; /* the NUL needs room too */
    if (size > SIZE) {
        fprintf(stderr, "writer: the text has more than %d bytes\n", SIZE - 1);
        return 2;
    }
    int id = shmget((key_t)key_of(argv[1]), SIZE, IPC_CREAT | 0600);
    if (id == -1)
        fail("shmget");
    char *memory = shmat(id, NULL, 0);
    if (memory == (void *)-1)
        fail("shmat");
    memcpy(memory, text, size);
    if (shmdt(memory) == -1)
        fail("shmdt");
    return 0;
}
