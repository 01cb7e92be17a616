/* hello [MESSAGE] with vectored I/O: pipe2, writev of small pieces, readv into two buffers, waitid. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ, WRITE };

static void check(int failed, const char *call)
{
    if (!failed)
        return;
    dprintf(STDERR_FILENO, "hello: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* writev until everything in both parts is written. */
static void put(int fd, struct iovec part[2])
{
    while (part[0].iov_len + part[1].iov_len > 0) {
        ssize_t moved = writev(fd, part, 2);
        check(moved == -1, "writev");
        for (int i = 0; i < 2; i++) {
            size_t here = (size_t)moved < part[i].iov_len ? (size_t)moved : part[i].iov_len;
            part[i].iov_base = (char *)part[i].iov_base + here;
            part[i].iov_len -= here;
            moved -= (ssize_t)here;
        }
    }
}

static void send_all(int fd, char *message, size_t size)
{
    const size_t piece = 1500;
    for (size_t at = 0; at < size; at += piece) {
        size_t now = size - at < piece ? size - at : piece;
        put(fd, (struct iovec[]){{message + at, now / 2}, {message + at + now / 2, now - now / 2}});
    }
}

static int receive_and_print(int fd)
{
    char *text = NULL;
    size_t size = 0;
    for (;;) {
        char small[16], big[10000];
        struct iovec into[] = {{small, sizeof small}, {big, sizeof big}};
        ssize_t got = readv(fd, into, 2);
        check(got == -1, "readv");
        if (got == 0)
            break;
        text = realloc(text, size + (size_t)got);
        check(text == NULL, "malloc");
        size_t first = (size_t)got < sizeof small ? (size_t)got : sizeof small;
        memcpy(text + size, small, first);
        memcpy(text + size + first, big, (size_t)got - first);
        size += (size_t)got;
    }
    char head[32];
    size_t length = (size_t)snprintf(head, sizeof head, "%zu ", size);
    put(STDOUT_FILENO, (struct iovec[]){{head, length}, {text, size}});
    put(STDOUT_FILENO, (struct iovec[]){{"\n", 1}, {NULL, 0}});
    free(text);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc > 2) {
        dprintf(STDERR_FILENO, "usage: %s [MESSAGE]\n", argv[0]);
        exit(2);
    }
    char standard[] = "Hello Child Process!";
    char *message = argc > 1 ? argv[1] : standard;
    int end[2];
    check(pipe2(end, O_CLOEXEC) == -1, "pipe2");
    pid_t pid = fork();
    check(pid == -1, "fork");
    if (!pid) {
        check(close_range(end[WRITE], end[WRITE], 0) == -1, "close_range");
        return receive_and_print(end[READ]);
    }
    check(close(end[READ]) == -1, "close");
    send_all(end[WRITE], message, strlen(message));
    check(close(end[WRITE]) == -1, "close");
    siginfo_t info;
    check(waitid(P_ALL, 0, &info, WEXITED) == -1, "waitid");
    return info.si_code == CLD_EXITED ? info.si_status : 1;
}
