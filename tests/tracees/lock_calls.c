/* File locks, one group of calls for each first argument; runs in an empty folder. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0x5eed000000000000L

static int fd;

static int record(int command, int where, short type, short whence, off_t start, off_t length)
{
    struct flock lock = {.l_type = type, .l_whence = whence, .l_start = start, .l_len = length};
    return fcntl(where, command, &lock);
}

static int create(const char *name) { return open(name, O_RDWR | O_CREAT, 0600); }

static void flocks(void)
{
    int other = create("data");
    flock(fd, LOCK_SH);
    flock(other, LOCK_EX | LOCK_NB);
    flock(fd, LOCK_EX);
    flock(fd, LOCK_UN);
    flock(other, LOCK_EX);
    close(other);
    flock(99, LOCK_EX);
    flock(fd, 64);
}

static void records(void)
{
    write(fd, "0123456789", 10);
    record(F_SETLK, fd, F_WRLCK, SEEK_SET, 0, 4);
    record(F_SETLKW, fd, F_RDLCK, SEEK_CUR, -3, 2);
    record(F_SETLK, fd, F_RDLCK, SEEK_END, 0, -1);
    if (fork() == 0) {
        int own = create("data");
        record(F_GETLK, own, F_WRLCK, SEEK_SET, 0, 1);
        record(F_GETLK, own, F_RDLCK, SEEK_SET, 9, 1);
        record(F_SETLK, own, F_WRLCK, SEEK_SET, 2, 0);
        _exit(0);
    }
    wait(0);
    record(F_SETLK, fd, F_UNLCK, SEEK_SET, 0, 4);
    record(F_SETLK, fd, F_UNLCK, SEEK_SET, 0, 0);
    lockf(fd, F_LOCK, 5);
    fcntl(fd, F_SETLK, 8);
}

static void descriptions(void)
{
    int other = create("data");
    record(F_OFD_SETLK, fd, F_WRLCK, SEEK_SET, 0, 0);
    record(F_OFD_SETLK, other, F_RDLCK, SEEK_SET, 0, 1);
    record(F_OFD_GETLK, other, F_RDLCK, SEEK_SET, 0, 1);
    record(F_OFD_SETLKW, fd, F_UNLCK, SEEK_SET, 0, 0);
}

/* who loses what without a call that says so */
static void implicit(const char *self)
{
    int shared = create("shared"), again = create("data"), unused = create("unused");
    flock(shared, LOCK_EX);
    record(F_SETLK, fd, F_WRLCK, SEEK_SET, 0, 0);
    record(F_SETLK, unused, F_WRLCK, SEEK_SET, 0, 1);
    record(F_SETLK, unused, F_UNLCK, SEEK_SET, 0, 1);
    close(unused);                       /* nothing held any more */
    close(again);                        /* the record lock goes with any descriptor */
    if (fork() == 0) {
        int own = create("own");
        fcntl(own, F_SETFD, FD_CLOEXEC);
        flock(own, LOCK_EX);
        execl(self, self, "nothing", (char *)0);
    }
    close(shared);                       /* the child still has it, or had it */
    wait(0);
    record(F_SETLK, fd, F_WRLCK, SEEK_SET, 0, 0);
}

static void junk(void)
{
    struct flock lock = {.l_type = F_WRLCK};
    syscall(SYS_flock, fd | JUNK, (LOCK_EX | LOCK_NB) | JUNK);
    syscall(SYS_flock, fd | JUNK, LOCK_UN | JUNK);
    syscall(SYS_fcntl, fd | JUNK, F_SETLK | JUNK, &lock);
}

/* the parent has the lock and waits for the child, which waits for the lock */
static void stuck(const char *kind, const char *how)
{
    int ends[2], ready[2];
    char byte;
    pipe(ends);
    pipe(ready);
    if (!strcmp(kind, "flock")) flock(fd, LOCK_EX);
    if (!strcmp(kind, "posix")) record(F_SETLK, fd, F_WRLCK, SEEK_SET, 10, 10);
    if (!strcmp(kind, "ofd")) record(F_OFD_SETLK, fd, F_RDLCK, SEEK_SET, 0, 0);
    if (fork() == 0) {
        close(ends[0]);
        int own = create("data");
        if (!strcmp(kind, "flock")) flock(own, LOCK_SH);
        if (!strcmp(kind, "posix")) record(F_SETLKW, own, F_WRLCK, SEEK_SET, 0, 11);
        if (!strcmp(kind, "ofd")) record(F_OFD_SETLKW, own, F_WRLCK, SEEK_SET, 0, 0);
        write(ends[1], "x", 1);
        _exit(0);
    }
    close(ends[1]);
    if (how) {
        usleep(50000);
        if (!strcmp(kind, "flock")) flock(fd, LOCK_UN);
        else close(fd);
    }
    read(ends[0], &byte, 1);
}

/* two descriptors of one process are two owners for flock */
static void itself(void)
{
    int other = create("data");
    flock(fd, LOCK_EX);
    flock(other, LOCK_EX);
}

int main(int argc, char **argv)
{
    const char *group = argc > 1 ? argv[1] : "";
    if (!strcmp(group, "nothing")) return 0;
    fd = create("data");
    if (!strcmp(group, "flocks")) flocks();
    if (!strcmp(group, "records")) records();
    if (!strcmp(group, "descriptions")) descriptions();
    if (!strcmp(group, "implicit")) implicit(argv[0]);
    if (!strcmp(group, "junk")) junk();
    if (!strcmp(group, "stuck")) stuck(argv[2], argv[3]);
    if (!strcmp(group, "itself")) itself();
    return 0;
}
