/* POSIX shared memory, memfd, anonymous shared mappings, named semaphores, eventfd. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0xdeadbeef00000000UL

static void named(const char *name)
{
    shm_open(name, O_RDWR, 0);                          /* ENOENT */
    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    syscall(SYS_ftruncate, fd | JUNK, 8192);
    char *text = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    write(fd, "by write", 8);
    close(fd);
    strcpy(text + 9, "by memory");
    munmap(text + 4096, 4096);
    munmap(text, 4096);
    shm_unlink(name);
    shm_unlink(name);                                   /* ENOENT */
}

static void unnamed(void)
{
    int fd = syscall(SYS_memfd_create, "scratch", MFD_CLOEXEC | JUNK);
    ftruncate(fd, 4096);
    mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);        /* until the exit */
    char *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        strcpy(shared, "child was here");
        _exit(0);
    }
    wait(0);
    munmap(shared, 4096);
}

/* Whether the file holds one value of this form, which is stored. */
static int scanned(const char *path, const char *form, void *value)
{
    FILE *file = fopen(path, "r");
    int found = file && fscanf(file, form, value) == 1;
    if (file)
        fclose(file);
    return found;
}

static void semaphores(const char *name)
{
    sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    if (fork() == 0) {
        sem_wait(semaphore);                            /* sleeps: nobody has posted */
        _exit(0);
    }
    char path[64];
    /* the child sleeps once /proc says so: posting before that would make no call. The call is
     * named at a tracer's stop before it, too; there the state is another */
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    int child = 0;
    FILE *children = fopen(path, "r");
    if (children && fscanf(children, "%d", &child) == 1) {
        int number = -1;
        char state = 0;
        while (number != SYS_futex || state != 'S') {
            snprintf(path, sizeof path, "/proc/%d/syscall", child);
            if (!scanned(path, "%d", &number))
                number = -1;
            snprintf(path, sizeof path, "/proc/%d/stat", child);
            if (!scanned(path, "%*d %*s %c", &state))
                state = 0;
        }
    }
    sem_post(semaphore);
    wait(0);
    sem_close(semaphore);
    sem_unlink(name);
}

static void counter(void)
{
    int fd = syscall(SYS_eventfd2, 2 | JUNK, EFD_NONBLOCK | JUNK);
    uint64_t value = 5;
    write(fd, &value, 8);
    read(fd, &value, 8);
    read(fd, &value, 8);                                /* EAGAIN */
    close(fd);
}

int main(void)
{
    char name[32];
    snprintf(name, sizeof name, "/grade-%d", getpid());
    named(name);
    unnamed();
    semaphores(name);
    counter();
    return 0;
}
