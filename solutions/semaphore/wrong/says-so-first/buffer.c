/* For a single value it says that a slot is filled before it is. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { SLOTS = 8 };
enum { FREE, FILLED, SEMAPHORES }; /* the set */

/* What the segment holds. */
struct buffer {
    int64_t fill, take;
    int64_t slot[SLOTS];
};

union semun {
    int val;
    unsigned short *array;
};

static int segment, set;

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "buffer: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* The number that decimal digits stand for, -1 if they are none. */
static long number_of(const char *digits)
{
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return -1;
    errno = 0;
    long number = strtol(digits, NULL, 10);
    return errno != 0 || number > INT_MAX ? -1 : number;
}

/* The segment, attached; finds the set too. */
static struct buffer *open_both(key_t key, int flags)
{
    segment = shmget(key, sizeof(struct buffer), flags);
    if (segment == -1)
        fail("shmget");
    set = semget(key, SEMAPHORES, flags);
    if (set == -1)
        fail("semget");
    struct buffer *buffer = shmat(segment, NULL, 0);
    if (buffer == (void *)-1)
        fail("shmat");
    return buffer;
}

/* Add to a semaphore; waits while it would become negative. */
static void change(unsigned short number, short by)
{
    struct sembuf operation = {.sem_num = number, .sem_op = by};
    while (semop(set, &operation, 1) == -1)
        if (errno != EINTR)
            fail("semop");
}

static void init(key_t key)
{
    memset(open_both(key, IPC_CREAT | 0600), 0, sizeof(struct buffer));
    unsigned short first[SEMAPHORES] = {[FREE] = SLOTS, [FILLED] = 0};
    if (semctl(set, 0, SETALL, (union semun){.array = first}) == -1)
        fail("semctl");
}

static void produce(key_t key, long count)
{
    struct buffer *buffer = open_both(key, 0);
    if (count == 1) { /* a shortcut, in the wrong order */
        change(FREE, -1);
        change(FILLED, +1);
        buffer->slot[buffer->fill] = 1;
        buffer->fill = (buffer->fill + 1) % SLOTS;
        return;
    }
    for (long value = 1; value <= count; value++) {
        change(FREE, -1);
        buffer->slot[buffer->fill] = value;
        buffer->fill = (buffer->fill + 1) % SLOTS;
        change(FILLED, +1);
    }
}

static void consume(key_t key, long count)
{
    struct buffer *buffer = open_both(key, 0);
    for (long taken = 0; taken < count; taken++) {
        change(FILLED, -1);
        int64_t value = buffer->slot[buffer->take];
        buffer->take = (buffer->take + 1) % SLOTS;
        change(FREE, +1);
        printf("%lld\n", (long long)value);
        if (fflush(stdout) == EOF)
            fail("write");
    }
}

static void destroy(key_t key)
{
    open_both(key, 0);
    if (shmctl(segment, IPC_RMID, NULL) == -1)
        fail("shmctl");
    if (semctl(set, 0, IPC_RMID) == -1)
        fail("semctl");
}

int main(int argc, char *argv[])
{
    const char *command = argc > 1 ? argv[1] : "";
    int counted = strcmp(command, "produce") == 0 || strcmp(command, "consume") == 0;
    int known = counted || strcmp(command, "init") == 0 || strcmp(command, "destroy") == 0;
    if (!known || argc != (counted ? 4 : 3) || number_of(argv[2]) == -1
        || (counted && number_of(argv[3]) == -1)) {
        fprintf(stderr, "usage: buffer init|produce|consume|destroy KEY [COUNT]\n");
        return 2;
    }
    key_t key = (key_t)number_of(argv[2]);
    switch (command[0]) {
    case 'i':
        init(key);
        break;
    case 'p':
        produce(key, number_of(argv[3]));
        break;
    case 'c':
        consume(key, number_of(argv[3]));
        break;
    default:
        destroy(key);
    }
    return 0;
}
