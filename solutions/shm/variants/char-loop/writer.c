/* writer KEY TEXT, one character at a time through a volatile pointer; IPC_EXCL tells new from old. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *call)
{
    dprintf(STDERR_FILENO, "%s: %s\n", call, strerror(errno));
    _exit(1);
}

int main(int argc, char **argv)
{
    char *end;
    if (argc != 3 || !*argv[1] || (strtoul(argv[1], &end, 10), *end) || strlen(argv[2]) > 4095) {
        dprintf(STDERR_FILENO, "writer takes a key and a text of up to 4095 bytes\n");
        _exit(2);
    }
    key_t key = (key_t)strtoul(argv[1], NULL, 10);
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | S_IRUSR | S_IWUSR);
    if (id == -1 && errno == EEXIST)
        id = shmget(key, 4096, 0);
    if (id == -1)
        die("shmget");
    volatile char *to = shmat(id, NULL, 0);
    if (to == (void *)-1)
        die("shmat");
    volatile char *begin = to;
    for (const char *from = argv[2]; (*to++ = *from++) != '\0';)
        ;
    if (shmdt((void *)begin))
        die("shmdt");
    _exit(0);
}
