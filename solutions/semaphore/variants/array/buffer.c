/* buffer init|produce|consume|destroy KEY [COUNT]: the segment as a plain array of ten numbers, a
 * table of commands, semtimedop without a time; init insists on a new segment. */
#include <ctype.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static volatile int64_t *number;
static key_t key;
static int set, id;

static int number_from(const char *text, unsigned long *to)
{
    char *end;
    *to = strtoul(text, &end, 10);
    return isdigit((unsigned char)*text) && *end == '\0';
}

static void both(int flags)
{
    if ((set = semget(key, flags ? 2 : 0, flags)) < 0)
        err(1, "semget");
    if ((id = shmget(key, flags ? 80 : 0, flags)) < 0)
        err(1, "shmget");
    if ((number = shmat(id, NULL, 0)) == (void *)-1)
        err(1, "shmat");
}

static void down(int which)
{
    struct sembuf one[] = {{(unsigned short)which, -1, 0}};
    if (semtimedop(set, one, 1, NULL))
        err(1, "semtimedop");
}

static void up(int which)
{
    struct sembuf one[] = {{(unsigned short)which, 1, IPC_NOWAIT}};
    if (semop(set, one, 1))
        err(1, "semop");
}

static void init(unsigned long unused)
{
    (void)unused;
    both(IPC_CREAT | IPC_EXCL | 0600);
    for (int i = 0; i < 10; i++)
        number[i] = 0;
    if (semctl(set, 1, SETVAL, 0) || semctl(set, 0, SETVAL, 8))
        err(1, "semctl");
}

static void produce(unsigned long count)
{
    both(0);
    for (unsigned long made = 0; made++ < count;) {
        down(0);
        number[2 + number[0]] = (int64_t)made;
        if (number[0] == 7)
            number[0] = 0;
        else
            number[0] += 1;
        up(1);
    }
}

static void consume(unsigned long count)
{
    both(0);
    while (count--) {
        down(1);
        dprintf(STDOUT_FILENO, "%ld\n", (long)number[2 + number[1]]);
        number[1] = (number[1] + 1) & 7;
        up(0);
    }
}

static void destroy(unsigned long unused)
{
    (void)unused;
    both(0);
    if (shmdt((void *)number))
        err(1, "shmdt");
    if (semctl(set, 0, IPC_RMID))
        err(1, "semctl");
    if (shmctl(id, IPC_RMID, NULL))
        err(1, "shmctl");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(unsigned long);
    } table[] = {{"init", 3, init}, {"destroy", 3, destroy}, {"produce", 4, produce}, {"consume", 4, consume}};
    unsigned long first, count = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (argc != table[i].arguments || strcmp(argv[1], table[i].name) != 0)
            continue;
        if (!number_from(argv[2], &first) || (argc == 4 && !number_from(argv[3], &count)))
            break;
        key = (key_t)first;
        table[i].run(count);
        return 0;
    }
    errx(2, "init, produce, consume or destroy, KEY, and a COUNT in the middle two");
}
