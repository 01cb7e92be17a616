/* Every call on a System V semaphore set, with undo at the exit of a child. */
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JUNK 0xdeadbeef00000000UL

int main(void)
{
    key_t key = 0x47000000 | getpid();
    int id = semget(key, 2, IPC_CREAT | IPC_EXCL | 0600);
    unsigned short all[2] = {8, 0};
    struct timespec soon = {0, 1000000};

    semctl(id, 0, SETALL, all);
    semctl(id, 1, SETVAL, 3);
    struct sembuf both[2] = {{0, -1, 0}, {1, 1, 0}};
    semop(id, both, 2);
    struct sembuf zero = {0, 0, IPC_NOWAIT};
    semop(id, &zero, 1);                                /* EAGAIN */
    struct sembuf most = {0, -100, 0};
    semtimedop(id, &most, 1, &soon);                    /* EAGAIN after a millisecond */
    if (fork() == 0) {
        struct sembuf guarded = {0, -2, SEM_UNDO};
        syscall(SYS_semop, id | JUNK, &guarded, 1 | JUNK);
        _exit(0);
    }
    wait(0);
    semctl(id, 0, GETVAL);
    semctl(id, 0, GETALL, all);
    semctl(id, 0, GETPID);
    semctl(id, 0, GETNCNT);
    semctl(id, 9, GETVAL);                              /* EINVAL */
    semctl(id, 0, IPC_RMID);
    semop(id, both, 1);                                 /* EINVAL */
    return 0;
}
