/* The file family, one group of calls for each first argument; runs in an empty folder. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0x5eed000000000000L

static char text[64];

static void opens(void)
{
    struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0640};
    open("none", O_RDONLY);
    close(open("made", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0604));
    open("made", O_WRONLY | O_CREAT | O_EXCL, 0600);
    int fd = open("./made", O_WRONLY | O_TRUNC | O_APPEND);
    write(fd, "some", 4);
    close(creat("made", 0600));
    mkdir("folder", 0755);
    int folder = open("folder", O_RDONLY | O_DIRECTORY);
    close(openat(folder, "inside", O_RDWR | O_CREAT, 0600));
    close(syscall(SYS_openat2, folder, "../made2", &how, sizeof how));
    open("/etc/passwd", O_RDONLY);
    open("/dev/null", O_RDWR);
    open(0, O_RDONLY);
}

static void positions(void)
{
    struct iovec out[2] = {{"abc", 3}, {"def", 3}}, in = {text, 2};
    int fd = open("data", O_RDWR | O_CREAT, 0600);
    write(fd, "0123456789", 10);
    lseek(fd, -4, SEEK_END);
    lseek(fd, 0, SEEK_CUR);
    read(fd, text, 3);
    pread(fd, text, 2, 1);
    pwrite(fd, "XY", 2, 8);
    lseek(fd, 20, SEEK_SET);
    writev(fd, out, 2);
    preadv2(fd, &in, 1, 5, 0);
    lseek(fd, 0, SEEK_SET);
    preadv2(fd, &in, 1, -1, 0);
    read(fd, text, 0);
    ftruncate(fd, 4);
    truncate("data", 2);
    fsync(fd);
    fdatasync(fd);
    lseek(fd, 0, SEEK_END);
    read(fd, text, 8);
    lseek(fd, -1, SEEK_SET);
}

static void names(void)
{
    int fd = open("first", O_RDWR | O_CREAT, 0600);
    write(fd, "first", 5);
    close(open("second", O_RDWR | O_CREAT, 0600));
    link("first", "other");
    rename("first", "second");       /* replaces it */
    unlink("other");
    unlink("second");                /* its last name, but it is open */
    write(fd, "still", 5);
    int copy = dup(fd);
    close(open("second", O_RDWR | O_CREAT, 0600));
    write(copy, "!", 1);
    symlink("second", "shortcut");
    close(open("shortcut", O_RDONLY));
    unlink("shortcut");
    unlink("none");
    mkdir("folder", 0700);
    rmdir("folder");
    mknod("plain", S_IFREG | 0644, 0);
    renameat2(AT_FDCWD, "plain", AT_FDCWD, "second", RENAME_EXCHANGE);
    unlinkat(AT_FDCWD, "plain", 0);
}

static void transfers(void)
{
    int ends[2];
    off_t from = 2;
    int source = open("source", O_RDWR | O_CREAT, 0600), sink = open("sink", O_RDWR | O_CREAT, 0600);
    pipe(ends);
    write(source, "0123456789", 10);
    copy_file_range(source, &from, sink, 0, 4, 0);
    lseek(source, 5, SEEK_SET);
    sendfile(ends[1], source, 0, 3);
    splice(ends[0], 0, sink, 0, 3, 0);
    from = 8;
    sendfile(ends[1], source, &from, 8);
    close(ends[0]);
    sendfile(99, source, 0, 1);
}

static void closings(const char *self)
{
    int fd = open("kept", O_RDWR | O_CREAT, 0600);
    open("lost", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fork() == 0)
        execl(self, self, "nothing", (char *)0);
    wait(0);
    dup2(fd, 1);
    write(1, "printed", 7);
}

static void junk(void)
{
    int fd = syscall(SYS_openat, AT_FDCWD | JUNK, "data", (O_RDWR | O_CREAT) | JUNK, 0600 | JUNK);
    syscall(SYS_write, fd | JUNK, "junk", 4L);
    syscall(SYS_lseek, fd | JUNK, -3L, SEEK_END | JUNK);
    syscall(SYS_read, fd | JUNK, text, 8L);
    syscall(SYS_ftruncate, fd | JUNK, 1L);
    syscall(SYS_unlinkat, AT_FDCWD | JUNK, "data", 0 | JUNK);
}

static void fifos(void)
{
    mkfifo("queue", 0620);
    mkfifo("queue", 0620);
    if (fork() == 0) {
        int fd = open("queue", O_WRONLY);
        write(fd, "through", 7);
        _exit(0);
    }
    int fd = open("queue", O_RDONLY);
    while (read(fd, text, sizeof text) > 0)
        ;
    wait(0);
    open("queue", O_WRONLY | O_NONBLOCK);
    int both = open("queue", O_RDWR | O_NONBLOCK);
    read(both, text, 1);
    close(fd);
    unlink("queue");
    write(both, "x", 1);
    close(both);
    open("queue", O_WRONLY | O_NONBLOCK);
}

/* a FIFO whose other end is never opened; with "helper" a child opens it */
static void stuck_fifo(const char *end, const char *how)
{
    int mode = strcmp(end, "read") ? O_WRONLY : O_RDONLY;
    mkfifo("queue", 0600);
    if (how && fork() == 0) {
        usleep(50000);
        open("queue", O_WRONLY + O_RDONLY - mode);
        _exit(0);
    }
    open("queue", mode);
}

int main(int argc, char **argv)
{
    const char *group = argc > 1 ? argv[1] : "";
    if (!strcmp(group, "opens")) opens();
    if (!strcmp(group, "positions")) positions();
    if (!strcmp(group, "names")) names();
    if (!strcmp(group, "transfers")) transfers();
    if (!strcmp(group, "closings")) closings(argv[0]);
    if (!strcmp(group, "junk")) junk();
    if (!strcmp(group, "fifos")) fifos();
    if (!strcmp(group, "stuck")) stuck_fifo(argv[2], argv[3]);
    return 0;
}
