/* Releases the lock before the stream is flushed. */
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
    long number = 0;
    close(fd);
    for (long i = 0; i < rounds || i == 0; i++) {
        FILE *file = fopen(argv[1], "r+");
        if (file == NULL)
            return 1;
        flock(fileno(file), LOCK_EX);
        if (fscanf(file, "%ld", &number) != 1)
            number = 0;
        if (rounds > 0) {
            rewind(file);
            if (ftruncate(fileno(file), 0) == -1)
                return 1;
            fprintf(file, "%ld\n", ++number);
        }
        flock(fileno(file), LOCK_UN);
        fclose(file);
    }
    printf("%ld\n", number);
    return 0;
}
