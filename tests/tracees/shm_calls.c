/* Every call on a System V segment; one process detaches, one exits attached, one execs. */
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0xdeadbeef00000000UL

int main(void)
{
    key_t key = 0x47000000 | getpid();
    struct shmid_ds status;

    shmget(key, 4096, 0600);                            /* ENOENT */
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    char *text = shmat(id, 0, 0);
    strcpy(text, "from the parent");
    if (fork() == 0) {
        strcpy(text, "from the child");
        _exit(0);                                       /* attached to the end */
    }
    wait(0);
    if (fork() == 0) {
        execl("/bin/true", "true", (char *)0);          /* exec detaches */
        _exit(1);
    }
    wait(0);
    char *looked = (char *)syscall(SYS_shmat, id | JUNK, 0, SHM_RDONLY | JUNK);
    shmctl(id, IPC_STAT, &status);
    shmdt(looked);
    shmdt((void *)4096);                                /* EINVAL */
    strcpy(text, "last words");
    shmctl(id, IPC_RMID, 0);
    shmdt(text);
    shmat(id, 0, 0);                                    /* EINVAL */
    return 0;
}
