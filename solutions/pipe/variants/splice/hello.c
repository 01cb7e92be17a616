/* hello [MESSAGE] with as few copies as can be: vmsplice into the pipe, splice out of it into a
 * file in memory, sendfile from there to stdout. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static long must(long result, const char *call)
{
    if (result == -1) {
        fprintf(stderr, "hello: %s: %s\n", call, strerror(errno));
        exit(1);
    }
    return result;
}

static void child(int pipe_end)
{
    int memory = (int)must(memfd_create("message", 0), "memfd_create");
    off_t size = 0, sent = 0;
    for (long moved; (moved = must(splice(pipe_end, NULL, memory, NULL, 1 << 16, 0), "splice"));)
        size += moved;
    close(pipe_end);
    must(dprintf(STDOUT_FILENO, "%jd ", (intmax_t)size), "write");
    while (sent < size)
        must(sendfile(STDOUT_FILENO, memory, &sent, (size_t)(size - sent)), "sendfile");
    must(write(STDOUT_FILENO, "\n", 1), "write");
    close(memory);
    exit(0);
}

int main(int argc, char *argv[])
{
    if (argc > 2) {
        fprintf(stderr, "usage: hello [MESSAGE]\n");
        return 2;
    }
    char message[] = "Hello Child Process!";
    struct iovec left = {.iov_base = argc == 2 ? argv[1] : message};
    left.iov_len = strlen(left.iov_base);
    int ends[2], status;
    must(pipe(ends), "pipe");
    pid_t pid = (pid_t)must(fork(), "fork");
    if (pid == 0) {
        close(ends[1]);
        child(ends[0]);
    }
    close(ends[0]);
    while (left.iov_len > 0) {
        long moved = must(vmsplice(ends[1], &left, 1, 0), "vmsplice");
        left.iov_base = (char *)left.iov_base + moved;
        left.iov_len -= (size_t)moved;
    }
    close(ends[1]);
    must(waitpid(pid, &status, 0), "waitpid");
    return status != 0;
}
