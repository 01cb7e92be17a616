/* Takes a lock for readers and writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    char *end = NULL;
    long rounds = argc == 3 ? strtol(argv[2], &end, 10) : -1;
    if (argc != 3 || end == argv[2] || *end != '\0' || rounds < 0) {
        fprintf(stderr, "usage: tally PATH N\n");
        return 2;
    }
    int fd = open(argv[1], O_RDWR | O_CREAT, 0666);
    if (fd == -1) {
        perror("tally: open");
        return 1;
    }
    char text[64] = {0};
    long number = pread(fd, text, 63, 0) > 0 ? atol(text) : 0;
    for (long i = 0; i < rounds; i++) {
        flock(fd, LOCK_SH);
        memset(text, 0, sizeof text);
        number = (pread(fd, text, 63, 0) > 0 ? atol(text) : 0) + 1;
        int size = sprintf(text, "%ld\n", number);
        if (ftruncate(fd, 0) == -1 || pwrite(fd, text, (size_t)size, 0) == -1)
            return 1;
        flock(fd, LOCK_UN);
    }
    printf("%ld\n", number);
    return 0;
}
