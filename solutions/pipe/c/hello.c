/* hello [MESSAGE]: the parent sends MESSAGE through a pipe, the child prints its size and it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static const char DEFAULT[] = "Hello Child Process!";

/* A system call failed: say which one and end. */
static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "hello: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void close_end(int fd)
{
    if (close(fd) == -1)
        fail("close");
}

/* write may take only a part of the data, so go on with the rest. */
static void write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written == -1 && errno == EINTR)
            continue;
        if (written == -1)
            fail("write");
        data += written;
        size -= (size_t)written;
    }
}

/* All bytes until end of file, which is when read returns 0. The caller frees them. */
static char *read_all(int fd, size_t *size)
{
    size_t room = 65536, filled = 0;
    char *data = malloc(room);
    for (;;) {
        if (data == NULL)
            fail("malloc");
        ssize_t got = read(fd, data + filled, room - filled);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            fail("read");
        if (got == 0)
            break;
        filled += (size_t)got;
        if (filled == room)
            data = realloc(data, room *= 2);
    }
    *size = filled;
    return data;
}

static void child(int read_end)
{
    size_t size;
    char *message = read_all(read_end, &size);
    close_end(read_end);
    printf("%zu ", size);
    fwrite(message, 1, size, stdout);
    putchar('\n');
    if (fflush(stdout) == EOF || ferror(stdout))
        fail("write");
    free(message);
}

static void parent(int write_end, const char *message)
{
    write_all(write_end, message, strlen(message));
    close_end(write_end); /* this is what ends the child's loop */
}

/* The child's wait status. */
static int reap(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) == -1)
        if (errno != EINTR)
            fail("waitpid");
    return status;
}

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    const char *message = argc == 2 ? argv[1] : DEFAULT;
    /* If the child ends early, write shall fail and say so rather than kill the parent. */
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (pipe(ends) == -1)
        fail("pipe");
    pid_t pid = fork();
    if (pid == -1)
        fail("fork");
    if (pid == 0) {
        close_end(ends[1]);
        child(ends[0]);
        return 0;
    }
    close_end(ends[0]);
    parent(ends[1], message);
    return reap(pid) == 0 ? 0 : 1; /* the child has already said what went wrong */
}
