/* tally PATH N with locks of the open file description (fcntl, F_OFD_SETLKW); the text is padded to
 * nothing: written first, cut to its length afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long must(long result, const char *call)
{
    if (result == -1) {
        dprintf(2, "tally: %s: %s\n", call, strerror(errno));
        exit(1);
    }
    return result;
}

static void lock(int fd, short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    must(fcntl(fd, F_OFD_SETLKW, &whole), "fcntl");
}

int main(int argc, char **argv)
{
    long rounds;
    char rest;
    if (argc != 3 || sscanf(argv[2], "%ld%c", &rounds, &rest) != 1 || rounds < 0) {
        dprintf(2, "usage: tally PATH N\n");
        exit(2);
    }
    int fd = (int)must(open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644), "open");
    long now = 0;
    long left = rounds;
    do {
        lock(fd, F_WRLCK);
        char text[32] = {0};
        must(lseek(fd, 0, SEEK_SET), "lseek");
        must(read(fd, text, sizeof text - 1), "read");
        now = atol(text);
        if (left > 0) {
            int size = sprintf(text, "%ld\n", ++now);
            must(lseek(fd, 0, SEEK_SET), "lseek");
            must(write(fd, text, (size_t)size), "write");
            must(ftruncate(fd, size), "ftruncate");
        }
        lock(fd, F_UNLCK);
    } while (--left > 0);
    must(dprintf(1, "%ld\n", now), "write");
    return 0;
}
