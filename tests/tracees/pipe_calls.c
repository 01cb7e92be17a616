/* The pipe family, one group of calls for each first argument. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUNK 0x5eed000000000000L

static int ends[2], more[2];
static char large[1 << 17];
static void *volatile nowhere = (void *)8;

/* parent to child, to the end of file */
static void talk(void)
{
    char text[64];
    pipe(ends);
    if (fork() == 0) {
        close(ends[1]);
        while (read(ends[0], text, sizeof text) > 0)
            ;
        _exit(0);
    }
    close(ends[0]);
    write(ends[1], "hello", 5);
    close(ends[1]);
    wait(0);
}

static void limits(void)
{
    pipe2(ends, O_CLOEXEC | O_NONBLOCK);
    read(ends[0], large, 8);
    write(ends[1], large, sizeof large);
    write(ends[1], large, 1);
    read(ends[0], large, sizeof large);
    fcntl(ends[0], F_SETFL, 0);
    int on = 1;
    ioctl(ends[0], FIONBIO, &on);
    fcntl(ends[1], F_SETFD, 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    read(ends[1], large, 1);
    write(ends[1], nowhere, 1);
    pipe(nowhere);
}

static void broken(void)
{
    pipe(ends);
    close(ends[0]);
    if (fork() == 0) {
        write(ends[1], "x", 1);
        _exit(0);
    }
    wait(0);
    signal(SIGPIPE, SIG_IGN);
    write(ends[1], "x", 1);
}

static void copies(void)
{
    pipe(ends);
    int copy = dup(ends[1]);
    dup2(copy, copy);
    pipe(more);
    dup2(ends[1], more[1]);           /* over the only write end of the other pipe */
    read(more[0], large, 1);
    dup3(ends[0], 40, O_CLOEXEC);
    fcntl(ends[0], F_DUPFD, 50);
    fcntl(ends[0], F_DUPFD_CLOEXEC, 60);
    dup(99);
    syscall(SYS_close_range, 40u, 60u, 0u);
    close(copy);
    close(copy);
}

static void vectors(void)
{
    char a[4] = "", b[4] = "";
    struct iovec out[2] = {{"one", 3}, {"two", 3}}, in[2] = {{a, 2}, {b, 4}};
    pipe(ends);
    writev(ends[1], out, 2);
    readv(ends[0], in, 2);
    pwrite(ends[1], "x", 1, 0);
}

static void splices(void)
{
    char text[8];
    struct iovec out = {"spliced", 7};
    pipe(ends);
    pipe(more);
    vmsplice(ends[1], &out, 1, 0);
    tee(ends[0], more[1], 7, 0);
    splice(ends[0], 0, more[1], 0, 7, 0);
    splice(ends[0], 0, more[1], 0, 7, SPLICE_F_NONBLOCK);
    read(more[0], text, 7);
    read(more[0], text, 7);
    close(ends[1]);
    splice(ends[0], 0, more[1], 0, 7, 0);
}

static void exec_closes(const char *self)
{
    pipe2(ends, O_CLOEXEC);
    dup2(ends[1], 20);
    execl(self, self, "nothing", (char *)0);
}

/* the kernel ignores the upper halves of int arguments, and so must we */
static void junk(void)
{
    char text[8];
#ifdef SYS_pipe
    syscall(SYS_pipe, ends);
#else
    syscall(SYS_pipe2, ends, JUNK);
#endif
    syscall(SYS_write, ends[1] | JUNK, "junk", 4L);
    syscall(SYS_read, ends[0] | JUNK, text, 4L);
    syscall(SYS_fcntl, ends[0] | JUNK, F_SETFL | JUNK, O_NONBLOCK | JUNK);
    syscall(SYS_read, ends[0] | JUNK, text, 4L);
    syscall(SYS_dup, ends[1] | JUNK);
    syscall(SYS_close, ends[1] | JUNK);
}

static void stuck(const char *how)
{
    struct iovec vector = {large, sizeof large};
    pipe(ends);
    pipe(more);
    if (!strcmp(how, "helped") && fork() == 0) {
        close(ends[1]);
        usleep(50000);
        write(more[1], "x", 1);
        _exit(0);
    }
    if (!strcmp(how, "vmsplice"))
        while (vmsplice(ends[1], &vector, 1, 0) > 0)
            ;
    else if (!strcmp(how, "helped"))
        splice(more[0], 0, ends[1], 0, 1, 0);
    else
        splice(ends[0], 0, more[1], 0, 1, 0);
}

int main(int argc, char **argv)
{
    const char *group = argc > 1 ? argv[1] : "";
    if (!strcmp(group, "talk")) talk();
    if (!strcmp(group, "limits")) limits();
    if (!strcmp(group, "broken")) broken();
    if (!strcmp(group, "copies")) copies();
    if (!strcmp(group, "vectors")) vectors();
    if (!strcmp(group, "splices")) splices();
    if (!strcmp(group, "exec")) exec_closes(argv[0]);
    if (!strcmp(group, "junk")) junk();
    if (!strcmp(group, "stuck")) stuck(argv[2]);
    return 0;
}
